import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError, UserError } from 'n8n-workflow';

import { describeFailure } from '../errors/describeFailure';
import type { Failure } from '../errors/failure';
import { getReason } from '../errors/reasons';
import { RequestFailedError } from '../errors/failure';
import { formatUtc, getMessage, quote } from '../errors/text';
import type { KooDriveClient } from '../http/client';
import type { Clock } from '../http/clock';
import type { Place } from '../http/limiter';
import { Limiter, UNLIMITED } from '../http/limiter';
import { requestOptions } from './commonFields';
import { resolveClients } from './credentials';
import type { ItemParameters, Values } from './fields';
import { createParameterReader, readFields } from './fields';
import type { Item } from './nodeExecution';
import { countFailed } from './messages';
import { NodeExecution } from './nodeExecution';
import type { Operation, Resource } from './operation';
import type { FailedItem, ItemResult } from './output';
import { describeItem, readId, throwIfAnyFailed, toOutputItems } from './output';

const ONE_CREDENTIAL =
	'The credential must be the same for all items of this operation, but it contains an expression that depends on the item.';

const NOTHING_SENT = 'Nothing was sent.';

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
	let operation: Operation;
	let execution: NodeExecution;
	try {
		operation = requireOperation(resources, getParameters(context, 0));
		if (operation.isForFiles === true) requireNoTool(context, operation);
		execution = await startExecution(context, operation, clock);
	} catch (error) {
		// Where the workflow continues on errors, n8n passes the input of a node that throws to its output: the
		// next node would take each item for done.
		if (!context.continueOnFail()) throw toStartError(context, error);
		return [reportNothingSent(context, resources, error)];
	}
	const results =
		operation.executeAll === undefined
			? await Promise.all(
					context.getInputData().map((_, index) => executeItem(operation, execution, index)),
				)
			: [await executeAllItems(operation, execution)];
	throwIfCanceled(operation, execution, results);
	if (!context.continueOnFail()) throwIfAnyFailed(context, operation, results);
	return [toOutputItems(context, results, operation, (failed) => describeItem(operation, failed))];
}

async function startExecution(
	context: IExecuteFunctions,
	{ outlastsOutages = false }: Operation,
	clock: Clock,
): Promise<NodeExecution> {
	// Max Concurrency is that of the first item.
	const { maxConcurrency } = requestOptions;
	const options = readFields({ maxConcurrency }, getParameters(context, 0), 'options.');
	const clients = await resolveClients(context, clock);
	const limiter = new Limiter(options.maxConcurrency);
	return new NodeExecution(context, clock, limiter, clients, outlastsOutages);
}

async function executeItem(
	operation: Operation,
	execution: NodeExecution,
	index: number,
): Promise<ItemResult> {
	const { context, clients, limiter, cancelSignal } = execution;
	// Without a signal: after a stop those before it end immediately, and thousands of listeners would be slow.
	const place = await limiter.enter(Infinity, undefined);
	const parameters = getParameters(context, index);
	let client: KooDriveClient | undefined;
	let item: Item | undefined;
	try {
		await execution.pause();
		if (cancelSignal?.aborted === true) return { ok: false, failure: { reason: 'canceled' } };
		client = await clients.getClient(index);
		const openSince = client.circuitBreaker.getOpenSince();
		if (openSince !== undefined) return skippedItem(operation, parameters, openSince);
		item = createItem(operation, parameters, index, client, place);
		return { ok: true, items: await operation.execute!(item, execution) };
	} catch (error) {
		return toFailedItem(error, client, item !== undefined, readId(operation, parameters));
	} finally {
		place.leave();
	}
}

/** The items of an operation that works on all of them share one credential. */
async function executeAllItems(
	operation: Operation,
	execution: NodeExecution,
): Promise<ItemResult> {
	const { context, clients } = execution;
	let client: KooDriveClient | undefined;
	let hasBegun = false;
	try {
		const items: Item[] = [];
		for (let index = 0; index < context.getInputData().length; index++) {
			await execution.pause();
			const itemClient = await clients.getClient(index);
			client ??= itemClient;
			if (itemClient !== client) throw new UserError(ONE_CREDENTIAL);
			items.push(createItem(operation, getParameters(context, index), index, client, UNLIMITED));
		}
		hasBegun = true;
		return { ok: true, items: await operation.executeAll!(items, execution) };
	} catch (error) {
		return toFailedItem(error, client, hasBegun);
	}
}

/** @throws UserError when a field or an option of the item isn't valid */
function createItem(
	{ fields, options = {} }: Operation,
	parameters: ItemParameters,
	index: number,
	client: KooDriveClient,
	place: Place,
): Item {
	const { maxTries, timeout } = requestOptions;
	const common = readFields({ maxTries, timeout }, parameters, 'options.');
	const values: Values<typeof fields> = {
		...readFields(fields, parameters),
		...readFields(options, parameters, 'options.'),
	};
	const policy = { maxAttempts: common.maxTries, timeout: common.timeout };
	return { index, values, client, policy, place };
}

/** Those of the executions of nodes in progress. */
const parameterReaders = new WeakMap<IExecuteFunctions, (index: number) => ItemParameters>();

function getParameters(context: IExecuteFunctions, index: number): ItemParameters {
	const reader =
		parameterReaders.get(context) ??
		createParameterReader(context.getNode().parameters, (path, item) =>
			context.getNodeParameter(path, item, null),
		);
	parameterReaders.set(context, reader);
	return reader(index);
}

/** What an item with invalid input is about isn't told: its ID may be what isn't valid. */
function toFailedItem(
	error: unknown,
	client: KooDriveClient | undefined,
	hasBegun: boolean,
	id?: string,
): FailedItem {
	if (error instanceof RequestFailedError) {
		const { failure, attempts } = error;
		return { ok: false, failure, attempts, id };
	}
	const message = getMessage(error);
	const detail = client === undefined ? message : client.redact(message);
	const notes = hasBegun ? [] : [NOTHING_SENT];
	return { ok: false, failure: { reason: 'invalidInput', detail, notes } };
}

function skippedItem(operation: Operation, item: ItemParameters, openSince: number): ItemResult {
	const detail = `since ${formatUtc(openSince)}`;
	return { ok: false, failure: { reason: 'skipped', detail }, id: readId(operation, item) };
}

/** n8n reports an execution as canceled, not as failed, if the error says so. */
function throwIfCanceled(
	{ messages }: Operation,
	{ context, cancelSignal }: NodeExecution,
	results: ItemResult[],
): void {
	if (cancelSignal?.aborted !== true) return;
	const failed = results.filter(({ ok }) => !ok).length;
	throw new NodeOperationError(context.getNode(), 'The execution was canceled', {
		description: `${countFailed(messages, failed, results.length)} before that. ${getReason('canceled').description}`,
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
	const failure: Failure = {
		reason: 'invalidInput',
		detail: getMessage(error),
		notes: [NOTHING_SENT],
	};
	const report = describeFailure(failure, "The node couldn't start");
	const { idField } = findOperation(resources, getParameters(context, 0)) ?? {};
	const results = context.getInputData().map((_, index): ItemResult => {
		const id = readId({ idField }, getParameters(context, index));
		return { ok: false, failure, id };
	});
	return toOutputItems(context, results, { idField }, () => report);
}

function requireNoTool(context: IExecuteFunctions, { option }: Operation): void {
	if (!context.getNode().type.endsWith('Tool')) return;
	throw new UserError(
		`'${option.name}' can't be used as a tool of an AI agent, because tools can't pass files. Use it as a node of a workflow, which the agent can call with the Call n8n Workflow Tool.`,
	);
}

/** @returns the operation that the user chose, or `undefined` where the node doesn't have it */
function findOperation(
	resources: readonly Resource[],
	parameters: ItemParameters,
): Operation | undefined {
	const resource = parameters.resolve('resource');
	const name = parameters.resolve('operation');
	return resources
		.filter(({ option }) => resources.length === 1 || option.value === resource)
		.flatMap(({ operations }) => operations)
		.find(({ option }) => option.value === name);
}

function requireOperation(resources: readonly Resource[], parameters: ItemParameters): Operation {
	const operation = findOperation(resources, parameters);
	if (operation !== undefined) return operation;
	throw new UserError(
		`The operation '${quote(String(parameters.resolve('operation')), 80)}' isn't supported. Select one from the list.`,
	);
}
