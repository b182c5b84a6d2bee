import type { IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import pLimit from 'p-limit';

import type { Clock } from '../retry/clock';
import { Outage } from '../retry/outage';
import type { CallOutcome, Shared } from '../retry/retry';
import { sendWithRetries } from '../retry/sendWithRetries';
import { ServerClock } from '../retry/serverClock';
import type { Connection } from '../transport/connection';
import { connect } from '../transport/connection';
import type { KooDriveRequest } from '../transport/request';
import { itemOf } from './item';
import type { Item, Operation } from './operation';
import type { Settings } from './settings';
import { readMaxConcurrency } from './settings';

/** What all the items of a run have in common. */
export interface Run {
	operation: Operation;
	connection: Connection;
	/** How many items at once, at the most. */
	maxConcurrency: number;
	shared: Shared;
	/** Bounds, by Max Concurrency too, what is sent in the background. */
	backgroundLimit: ReturnType<typeof pLimit>;
	/** What has been called already, and what came of it, or will. */
	called: Map<string, Promise<CallOutcome>>;
}

/**
 * Gathers what all the items of a run have in common.
 *
 * @param context n8n's view of the node that is run
 * @param operations those that the node offers
 * @param clock time and chance
 * @returns the run
 * @throws UserError when the operation, an option or the endpoint cannot be used
 * @throws NodeOperationError when the node has no credential
 */
export async function startRun(
	context: IExecuteFunctions,
	operations: readonly Operation[],
	clock: Clock,
): Promise<Run> {
	const firstItem = itemOf(context, 0);
	const operation = operationOf(operations, firstItem);
	const maxConcurrency = readMaxConcurrency(firstItem);
	return {
		operation,
		maxConcurrency,
		backgroundLimit: pLimit(maxConcurrency),
		connection: await connect(context),
		shared: {
			clock,
			serverClock: new ServerClock(clock),
			outage: new Outage(clock),
			cancelSignal: context.getExecutionCancelSignal(),
		},
		called: new Map(),
	};
}

/**
 * Finds the operation that the user chose.
 *
 * @param operations those that the node offers
 * @param item the first item
 * @returns the operation
 * @throws UserError when the node does not offer it
 */
export function operationOf(operations: readonly Operation[], item: Item): Operation {
	const name = item.parameter('operation');
	const operation = operations.find(({ option }) => option.value === name);
	if (operation !== undefined) return operation;
	throw new UserError(
		`The Operation is none that this node has. Choose one that it offers instead of "${String(name)}".`,
	);
}

/**
 * Sends a request of an item, with all its retries. One that was sent in this run already, for another item
 * that names the same ID, is not sent again if it is idempotent: its answer serves both.
 *
 * @param run what all the items have in common
 * @param request what to send
 * @param settings how it may be sent
 * @returns what came of it; it never throws
 */
export async function callOnce(
	run: Run,
	request: KooDriveRequest,
	settings: Settings,
): Promise<CallOutcome> {
	const { connection, shared, called } = run;
	const call = async () => await sendWithRetries(connection, request, settings, shared);
	if (!request.idempotent) return await call();
	const key = JSON.stringify(request);
	const outcome = called.get(key) ?? call();
	called.set(key, outcome);
	return await outcome;
}
