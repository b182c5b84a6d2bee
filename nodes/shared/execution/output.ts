import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { FailureReport } from '../errors/describeFailure';
import { describeFailure } from '../errors/describeFailure';
import type { Attempts, Failure, GaveUp } from '../errors/failure';
import { getResponseFields, toNodeError } from '../errors/nodeError';
import { getReason } from '../errors/reasons';
import { DEADLINE, LONG_DEADLINE } from '../http/retry';
import type { ItemParameters } from './fields';
import { unwrapLocator } from './fields';
import type { OutputItem } from './nodeExecution';
import type { OperationMessages } from './messages';
import { countFailed, nameSubject } from './messages';
import type { Operation } from './operation';

/** Why there are no items for the next node. */
export interface FailedItem {
	ok: false;
	failure: Failure;
	/** Missing where nothing was sent. */
	attempts?: Attempts;
	/** The ID of what the item is about, where it names one. */
	id?: string;
}

/** What an operation made of one item: the items for the next node, or why there are none. */
export type ItemResult = { ok: true; items: OutputItem[] } | FailedItem;

export const GAVE_UP: Record<GaveUp, string> = {
	maxAttempts: "Reached the 'Max Tries' limit.",
	deadline: `Another attempt would have exceeded the limit of ${DEADLINE / 1000} seconds per request.`,
	longDeadline: `Another attempt would have exceeded the limit of ${LONG_DEADLINE / 60_000} minutes without a success.`,
	circuitOpen: `There were no more attempts, because KooDrive was unreachable for ${DEADLINE / 1000} seconds.`,
};

/** Describes the failure of an item. */
export function describeItem(
	{ messages }: Pick<Operation, 'messages'>,
	{ failure, attempts, id }: FailedItem,
): FailureReport {
	const subject = id === undefined ? `The ${messages.one}` : nameSubject(messages, id);
	const headline = `${subject} was not ${messages.done}`;
	const report = describeFailure(failure, headline, messages.reasons);
	const mayHaveExecuted =
		attempts?.outcomeUnknown === true || getReason(failure.reason).mayHaveExecuted;
	const description = [
		report.description,
		attempts !== undefined && attempts.count > 1 && `The request was sent ${attempts.count} times.`,
		attempts?.gaveUp !== undefined && GAVE_UP[attempts.gaveUp],
		mayHaveExecuted && messages.mayHaveExecuted,
		...(failure.notes ?? []),
	];
	return { ...report, description: description.filter(Boolean).join(' ') };
}

/**
 * Reads the ID of what an item is about, for messages. An expression may not resolve, and an item that failed
 * anyway must not be the one to throw.
 */
export function readId(
	{ idField }: Pick<Operation, 'idField'>,
	item: ItemParameters,
): string | undefined {
	if (idField === undefined) return undefined;
	try {
		const id = unwrapLocator(item.resolve(idField));
		return typeof id === 'string' ? id.trim() || undefined : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Reports, after all items, how many of them failed and why the first one did.
 *
 * @throws NodeOperationError when the first failure is invalid input
 * @throws NodeApiError when KooDrive rejected the first item that failed, or couldn't be reached
 */
export function throwIfAnyFailed(
	context: IExecuteFunctions,
	operation: Operation,
	results: ItemResult[],
): void {
	const { messages } = operation;
	const failures = results.filter((result) => !result.ok);
	const [first] = failures;
	if (first === undefined) return;
	const report = describeItem(operation, first);
	const { message, description } = report;
	const whole =
		results.length === 1
			? report
			: {
					...report,
					message: `${countFailed(messages, failures.length, results.length)}. The first: ${message}`,
					description: [description, countSkipped(messages, failures), messages.partialFailure]
						.filter(Boolean)
						.join(' '),
				};
	throw toNodeError(context.getNode(), whole, results.indexOf(first));
}

function countSkipped({ many }: OperationMessages, failures: FailedItem[]): string {
	const { length } = failures.filter(({ failure }) => failure.reason === 'skipped');
	return length === 0
		? `All ${many} were processed.`
		: `${length} of the ${many} were skipped, because KooDrive couldn't be reached.`;
}

/**
 * @returns the items for the next node, each paired with its input. A failed one is `{ error, message, details }`: what
 * happened, what to do, and the ID and KooDrive's response.
 */
export function toOutputItems(
	context: IExecuteFunctions,
	results: ItemResult[],
	operation: Pick<Operation, 'idField'>,
	describe: (failed: FailedItem) => FailureReport,
): INodeExecutionData[] {
	const hasErrorOutput = context.getNode().onError === 'continueErrorOutput';
	const inputs = context.getInputData();
	return results.flatMap((result, item): INodeExecutionData[] => {
		// One result for several items comes of all of them.
		const pairedItem =
			results.length < inputs.length ? inputs.map((_, index) => ({ item: index })) : { item };
		if (result.ok) return result.items.map((output) => ({ ...output, pairedItem }));
		const { message: error, description: message } = describe(result);
		const { idField } = operation;
		const details = {
			...(idField !== undefined && result.id !== undefined && { [idField]: result.id }),
			...getResponseFields(result.failure),
		};
		const failed = { json: { error, message, details }, pairedItem };
		return [hasErrorOutput ? markAsFailed(failed) : failed];
	});
}

/**
 * n8n sends an item to the error output if its json contains only `error`, `message` and `details`. Before
 * n8n-core 2.34.4 and 2.35.2 the item itself had to have an `error`, and an enumerable one would make n8n
 * replace the json.
 */
function markAsFailed(item: INodeExecutionData): INodeExecutionData {
	return Object.defineProperty(item, 'error', { value: item.json.error, writable: true });
}
