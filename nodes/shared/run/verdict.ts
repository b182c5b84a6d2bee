import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failureFields, toNodeError } from '../failures/nodeError';
import type { FailureReport } from '../failures/words';
import type { OperationWords } from './operation';
import type { FailedItem, ItemResult } from './report';

/**
 * Says, after all items were worked off, how many of them failed and why the first did.
 *
 * @param context n8n's view of the node that is run
 * @param words how the operation speaks of what it works on
 * @param results one for each item, in order
 * @throws NodeOperationError when the first failure is one of the input
 * @throws NodeApiError when KooDrive refused the first that failed, or could not be reached
 */
export function throwIfAnyFailed(
	context: IExecuteFunctions,
	words: OperationWords,
	results: ItemResult[],
): void {
	const failures = results.flatMap((result, itemIndex) =>
		result.ok ? [] : [{ report: result.report, itemIndex }],
	);
	const first = failures[0];
	if (first === undefined) return;
	const { report, itemIndex } = first;
	const reports = failures.map((failure) => failure.report);
	const whole: FailureReport =
		results.length === 1
			? report
			: {
					failure: report.failure,
					message: `${failedOf(words, failures.length, results.length)}. The first: ${report.message}`,
					description: `${report.description} ${whoWasTried(words, reports)} To go on with those that worked, set On Error in the node's settings to Continue.`,
				};
	throw toNodeError(context.getNode(), whole, itemIndex);
}

/**
 * Counts failures in words.
 *
 * @param words how the operation speaks of what it works on
 * @param failedCount how many failed
 * @param count of how many
 * @returns for example `3 of 10 locks were not renewed`
 */
export function failedOf(words: OperationWords, failedCount: number, count: number): string {
	return `${failedCount} of ${count} ${words.many} were not ${words.done}`;
}

function whoWasTried({ many }: OperationWords, reports: FailureReport[]): string {
	const { length } = reports.filter(({ failure }) => failure.reason === 'notTried');
	return length === 0
		? `All the ${many} were tried.`
		: `${length} of the ${many} were not tried, because KooDrive could not be reached for those before them.`;
}

/**
 * Makes what the node hands on, where it goes on in spite of failures or has none.
 *
 * @param context n8n's view of the node that is run
 * @param results one for each item, in order
 * @returns the items, each paired with its input
 */
export function toItems(context: IExecuteFunctions, results: ItemResult[]): INodeExecutionData[] {
	// n8n sends an item to the error output only if it holds nothing but `error`, `message` and `details`.
	const hasErrorOutput = context.getNode().onError === 'continueErrorOutput';
	return results.flatMap((result, item) => {
		const outputs = result.ok ? result.json : [failedJson(result, hasErrorOutput)];
		return outputs.map((json) => ({ json, pairedItem: { item } }));
	});
}

function failedJson({ report, subject }: FailedItem, hasErrorOutput: boolean): IDataObject {
	const { message: error, description: message } = report;
	const fields = failureFields(report, subject);
	return hasErrorOutput ? { error, message, details: fields } : { error, ...fields };
}
