import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { utc } from '../failures/utc';
import { reportFailure } from '../failures/words';
import type { Clock } from '../retry/clock';
import type { KooDriveRequest } from '../transport/request';
import { backgroundOf } from './background';
import { everyItem } from './everyItem';
import { itemOf } from './item';
import type { Operation, OperationResult } from './operation';
import type { ItemResult } from './report';
import { failedItem, subjectFields, subjectId } from './report';
import type { Run } from './run';
import { callOnce, startRun } from './run';
import { readSettings } from './settings';
import { failedOf, throwIfAnyFailed, toItems } from './verdict';

/**
 * Runs the operation that the user chose on every input item.
 *
 * @param context n8n's view of the node that is run
 * @param operations those that the node offers
 * @param clock time and chance
 * @returns the output items, in the order of the input items, each paired with its input
 * @throws NodeOperationError when the input is wrong or the execution was canceled
 * @throws NodeApiError when KooDrive refused or could not be reached
 */
export async function executeOperation(
	context: IExecuteFunctions,
	operations: readonly Operation[],
	clock: Clock,
): Promise<INodeExecutionData[][]> {
	let run: Run;
	try {
		run = await startRun(context, operations, clock);
	} catch (error) {
		// Where the workflow is to go on, n8n hands a node's input on as its output if the node throws: the
		// next step would take each item for done.
		if (!context.continueOnFail()) throw toStartError(context, error);
		return [toItems(context, nothingSent(context, operations, error))];
	}
	const results = await everyItem<ItemResult>({
		count: context.getInputData().length,
		maxConcurrency: run.maxConcurrency,
		tryItem: async (itemIndex) => await tryItem(context, run, itemIndex),
		leaveOut: (itemIndex) => leaveOut(context, run, itemIndex),
	});
	throwIfStopped(context, run, results);
	if (!context.continueOnFail()) throwIfAnyFailed(context, run.operation.words, results);
	return [toItems(context, results)];
}

async function tryItem(
	context: IExecuteFunctions,
	run: Run,
	itemIndex: number,
): Promise<ItemResult> {
	const { operation, connection } = run;
	const item = itemOf(context, itemIndex);
	let result: OperationResult;
	try {
		const settings = readSettings(item);
		const call = async (request: KooDriveRequest) => await callOnce(run, request, settings);
		result = await operation.run(item, call, backgroundOf(context, run, settings));
	} catch (error) {
		const detail = connection.redact(messageOf(error));
		return failedItem(operation, { reason: 'badInput', detail });
	}
	if (result.ok) return result;
	const id = subjectId(operation.subject, item);
	return failedItem(operation, result.failure, id, result.tries);
}

function leaveOut(
	context: IExecuteFunctions,
	{ operation, shared: { outage } }: Run,
	itemIndex: number,
): ItemResult | undefined {
	const since = outage.since();
	if (since === undefined) return undefined;
	const id = subjectId(operation.subject, itemOf(context, itemIndex));
	return failedItem(operation, { reason: 'notTried', detail: `since ${utc(since)}` }, id);
}

/** n8n reports an execution as stopped, not as failed, if the error says that it was canceled. */
function throwIfStopped(
	context: IExecuteFunctions,
	{ operation, shared }: Run,
	results: ItemResult[],
): void {
	if (shared.cancelSignal?.aborted !== true) return;
	const failedCount = results.filter(({ ok }) => !ok).length;
	throw new NodeOperationError(context.getNode(), 'The execution was canceled', {
		description: `By then, ${failedOf(operation.words, failedCount, results.length)}.`,
	});
}

function toStartError(context: IExecuteFunctions, error: unknown): NodeOperationError {
	return error instanceof NodeOperationError
		? error
		: new NodeOperationError(context.getNode(), messageOf(error), { itemIndex: 0 });
}

function nothingSent(
	context: IExecuteFunctions,
	operations: readonly Operation[],
	error: unknown,
): ItemResult[] {
	const failure = { reason: 'badInput', detail: messageOf(error) } as const;
	const report = reportFailure(failure, 'The node could not start');
	return context.getInputData().map((_, itemIndex) => {
		const item = itemOf(context, itemIndex);
		const chosen = operations.find(({ option }) => option.value === item.parameter('operation'));
		const { subject } = chosen ?? {};
		return { ok: false, subject: subjectFields(subject, subjectId(subject, item)), report };
	});
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
