import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError, UserError } from 'n8n-workflow';

import type { ItemParameters } from '../descriptions/itemParameters';
import { describeFailure } from '../errors/describeFailure';
import { formatUtc } from '../errors/formatUtc';
import { getMessage } from '../errors/getMessage';
import type { KooDriveClient } from '../http/client';
import type { Clock } from '../http/clock';
import { UNLIMITED } from '../http/limiter';
import { RequestFailedError } from '../http/result';
import type { Item } from './item';
import { createItem, createItemParameters } from './item';
import { findOperation, NodeExecution } from './nodeExecution';
import type { FailedItem, ItemResult, Operation, Resource } from './operation';
import { countFailed, describeItem, readId, throwIfAnyFailed, toOutputItems } from './output';

const ONE_CREDENTIAL =
	'The credential must be the same for all items of this operation, but it contains an expression that depends on the item.';

/**
 * Runs the operation that the user chose on every input item.
 *
 * @param resources those of the node
 * @returns the output items, in the order of the input items, each paired with its input
 * @throws NodeOperationError when the input is invalid or the execution was canceled
 * @throws NodeApiError when KooDrive rejected a request or couldn't be reached
 */
export async function executeOperation(
	context: IExecuteFunctions,
	resources: readonly Resource[],
	clock: Clock,
): Promise<INodeExecutionData[][]> {
	let execution: NodeExecution;
	try {
		execution = await NodeExecution.start(context, resources, clock);
	} catch (error) {
		// Where the workflow continues on errors, n8n passes the input of a node that throws to its output: the
		// next node would take each item for done.
		if (!context.continueOnFail()) throw toStartError(context, error);
		return [reportNothingSent(context, resources, error)];
	}
	const { operation } = execution;
	const results =
		operation.executeAll === undefined
			? await Promise.all(context.getInputData().map((_, index) => executeItem(execution, index)))
			: [await executeAllItems(execution)];
	throwIfCanceled(execution, results);
	if (!context.continueOnFail()) throwIfAnyFailed(context, operation, results);
	return [toOutputItems(context, results, operation, (failed) => describeItem(operation, failed))];
}

async function executeItem(execution: NodeExecution, itemIndex: number): Promise<ItemResult> {
	const { context, operation, clients, limiter, cancelSignal } = execution;
	// Without a signal: after a stop those before it end immediately, and thousands of listeners would be slow.
	const place = await limiter.enter(Infinity, undefined);
	const parameters = createItemParameters(context, itemIndex);
	let client: KooDriveClient | undefined;
	try {
		if (cancelSignal?.aborted === true) return { ok: false, failure: { reason: 'canceled' } };
		client = await clients.getClient(itemIndex);
		const openSince = client.circuitBreaker.getOpenSince();
		if (openSince !== undefined) return skippedItem(operation, parameters, openSince);
		const item = createItem(itemIndex, parameters, client, place);
		const result = await operation.execute!(item, execution);
		return result.ok ? result : { ...result, id: readId(operation, item) };
	} catch (error) {
		return toFailedItem(error, client, readId(operation, parameters));
	} finally {
		place.leave();
	}
}

/** The items of an operation that works on all of them share one credential. */
async function executeAllItems(execution: NodeExecution): Promise<ItemResult> {
	const { context, operation, clients } = execution;
	let client: KooDriveClient | undefined;
	try {
		const items: Item[] = [];
		for (let index = 0; index < context.getInputData().length; index++) {
			const itemClient = await clients.getClient(index);
			client ??= itemClient;
			if (itemClient !== client) throw new UserError(ONE_CREDENTIAL);
			items.push(createItem(index, createItemParameters(context, index), client, UNLIMITED));
		}
		return await operation.executeAll!(items, execution);
	} catch (error) {
		return toFailedItem(error, client);
	}
}

/** What an item with invalid input is about isn't told: its ID may be what isn't valid. */
function toFailedItem(error: unknown, client: KooDriveClient | undefined, id?: string): FailedItem {
	if (error instanceof RequestFailedError) {
		const { failure, attempts } = error;
		return { ok: false, failure, attempts, id };
	}
	const message = getMessage(error);
	const detail = client === undefined ? message : client.redact(message);
	return { ok: false, failure: { reason: 'invalidInput', detail } };
}

function skippedItem(operation: Operation, item: ItemParameters, openSince: number): ItemResult {
	const detail = `since ${formatUtc(openSince)}`;
	return { ok: false, failure: { reason: 'skipped', detail }, id: readId(operation, item) };
}

/** n8n reports an execution as canceled, not as failed, if the error says so. */
function throwIfCanceled(
	{ context, operation: { messages }, cancelSignal }: NodeExecution,
	results: ItemResult[],
): void {
	if (cancelSignal?.aborted !== true) return;
	const failed = results.filter(({ ok }) => !ok).length;
	throw new NodeOperationError(context.getNode(), 'The execution was canceled', {
		description: `${countFailed(messages, failed, results.length)} before that.`,
	});
}

function toStartError(context: IExecuteFunctions, error: unknown): NodeOperationError {
	return error instanceof NodeOperationError
		? error
		: new NodeOperationError(context.getNode(), getMessage(error), { itemIndex: 0 });
}

function reportNothingSent(
	context: IExecuteFunctions,
	resources: readonly Resource[],
	error: unknown,
): INodeExecutionData[] {
	const failure = { reason: 'invalidInput', detail: getMessage(error) } as const;
	const report = describeFailure(failure, "The node couldn't start");
	const { idField } = findOperation(resources, createItemParameters(context, 0)) ?? {};
	const results = context.getInputData().map((_, itemIndex): ItemResult => {
		const id = readId({ idField }, createItemParameters(context, itemIndex));
		return { ok: false, failure, id };
	});
	return toOutputItems(context, results, { idField }, () => report);
}
