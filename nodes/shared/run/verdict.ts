import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { FailureReport } from '../failures/failure';
import { failureFields, toNodeError } from '../failures/failure';
import type { Operation } from './operation';

/** What came of one item. */
export type ItemResult =
	| { ok: true; json: IDataObject }
	| { ok: false; lockId?: string; report: FailureReport };

/**
 * Says, after all items were worked off, how many of them failed and why the first did.
 *
 * @param context n8n's view of the node that is run
 * @param operation what was done, for its words
 * @param results one for each item, in order
 * @throws NodeOperationError when the first failure is one of the input
 * @throws NodeApiError when KooDrive refused the first that failed, or could not be reached
 */
export function throwIfAnyFailed(
	context: IExecuteFunctions,
	operation: Operation,
	results: ItemResult[],
): void {
	const failures = results.flatMap((result, itemIndex) =>
		result.ok ? [] : [{ report: result.report, itemIndex }],
	);
	const first = failures[0];
	if (first === undefined) return;
	const { report, itemIndex } = first;
	const isOneOfMany = results.length > 1;
	const whole: FailureReport = isOneOfMany
		? {
				failure: report.failure,
				message: `${operation.texts.failedOf(failures.length, results.length)}. The first: ${report.message}`,
				description: `${report.description} ${whoWasTried(failures)} To go on with those that worked, set On Error in the node's settings to Continue.`,
			}
		: report;
	throw toNodeError(context.getNode(), whole, itemIndex);
}

function whoWasTried(failures: Array<{ report: FailureReport }>): string {
	const { length } = failures.filter(({ report }) => report.failure.reason === 'notTried');
	return length === 0
		? 'All the locks were tried.'
		: `${length} of the locks were not tried, because KooDrive could not be reached for those before them.`;
}

/**
 * Makes what the node hands on, where it goes on in spite of failures or has none.
 *
 * @param context n8n's view of the node that is run
 * @param results one for each item, in order
 * @returns an item for each, paired with its input
 */
export function toItems(context: IExecuteFunctions, results: ItemResult[]): INodeExecutionData[] {
	// n8n sends an item to the error output only if it holds nothing but `error`, `message` and `details`.
	const hasErrorOutput = context.getNode().onError === 'continueErrorOutput';
	return results.map((result, item) => ({
		json: result.ok ? result.json : failedJson(result, hasErrorOutput),
		pairedItem: { item },
	}));
}

function failedJson(
	{ report, lockId }: ItemResult & { ok: false },
	hasErrorOutput: boolean,
): IDataObject {
	const { message: error, description: message } = report;
	const fields = failureFields(report, lockId);
	return hasErrorOutput ? { error, message, details: fields } : { error, ...fields };
}
