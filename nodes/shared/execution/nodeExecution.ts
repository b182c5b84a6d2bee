import type { IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from '../descriptions/itemParameters';
import { readMaxConcurrency } from '../descriptions/requestOptions';
import { quote } from '../errors/quote';
import type { Clock } from '../http/clock';
import { Limiter } from '../http/limiter';
import type { KooDriveRequest } from '../http/request';
import type { RequestResult } from '../http/result';
import type { RequestScope, RetryPolicy } from '../http/retry';
import { LONG_DEADLINE, requestWithRetries } from '../http/retry';
import { leaseRegistry } from '../leases/leaseRegistry';
import type { Clients } from './credentials';
import { resolveClients } from './credentials';
import type { Item } from './item';
import { createItemParameters } from './item';
import { NodeLeases } from './nodeLeases';
import type { Operation, Resource } from './operation';

/** One execution of a node: what all its items share. */
export class NodeExecution {
	readonly leases: NodeLeases;

	/** Fires when the user stops the execution. */
	readonly cancelSignal: AbortSignal | undefined;

	/** Idempotent requests that were sent, by client and content, so that duplicates are sent once. */
	private readonly sent = new Map<object, Map<string, Promise<RequestResult>>>();

	private constructor(
		readonly context: IExecuteFunctions,
		readonly operation: Operation,
		readonly clock: Clock,
		readonly limiter: Limiter,
		readonly clients: Clients,
	) {
		this.cancelSignal = context.getExecutionCancelSignal();
		this.leases = new NodeLeases(context, operation.messages, clock, limiter, leaseRegistry);
	}

	/**
	 * @param resources those of the node
	 * @throws UserError when the operation, an option or the endpoint isn't valid
	 * @throws NodeOperationError when the node has no credential
	 */
	static async start(
		context: IExecuteFunctions,
		resources: readonly Resource[],
		clock: Clock,
	): Promise<NodeExecution> {
		const firstItem = createItemParameters(context, 0);
		const operation = requireOperation(resources, firstItem);
		const limiter = new Limiter(readMaxConcurrency(firstItem));
		const clients = await resolveClients(context, clock);
		return new NodeExecution(context, operation, clock, limiter, clients);
	}

	/**
	 * Sends a request of an item, with retries. An idempotent one that was sent already, for another item of the
	 * same ID and user, isn't sent again: both get its response.
	 *
	 * @returns what came of it; it never throws
	 */
	async request(item: Item, request: KooDriveRequest): Promise<RequestResult> {
		const { client, place } = item;
		const sent = this.sent.get(client) ?? new Map<string, Promise<RequestResult>>();
		this.sent.set(client, sent);
		const key = JSON.stringify(request);
		const known = sent.get(key);
		if (known !== undefined) {
			// Holding the place here would block the item that sent it from getting its place back.
			return await place.releaseDuring(async () => await known, this.clock.monotonic());
		}
		const result = this.send(item, request);
		if (request.idempotent) sent.set(key, result);
		return await result;
	}

	/**
	 * Sends a request of an item, with retries, even if it was sent before.
	 *
	 * @param stopSignal ends the request without waiting for its response
	 * @returns what came of it; it never throws
	 */
	async send(
		item: Item,
		request: KooDriveRequest,
		stopSignal: AbortSignal | undefined = this.cancelSignal,
	): Promise<RequestResult> {
		const policy = this.toPolicy(item.policy);
		return await requestWithRetries(request, policy, this.toScope(item, stopSignal));
	}

	private toPolicy(policy: RetryPolicy): RetryPolicy {
		if (this.operation.outlastsOutages !== true) return policy;
		return { ...policy, maxAttempts: Infinity, deadline: LONG_DEADLINE };
	}

	private toScope({ client, place }: Item, stopSignal: AbortSignal | undefined): RequestScope {
		const { circuitBreaker } = client;
		return {
			client,
			clock: this.clock,
			...(this.operation.outlastsOutages !== true && { circuitBreaker }),
			place,
			cancelSignal: stopSignal,
			stopSignal,
		};
	}
}

/** @returns the operation that the user chose, or `undefined` where the node doesn't have it */
export function findOperation(
	resources: readonly Resource[],
	item: ItemParameters,
): Operation | undefined {
	const resource = item.getParameter('resource');
	const name = item.getParameter('operation');
	return resources
		.filter(({ option }) => option === undefined || option.value === resource)
		.flatMap(({ operations }) => operations)
		.find(({ option }) => option.value === name);
}

function requireOperation(resources: readonly Resource[], item: ItemParameters): Operation {
	const operation = findOperation(resources, item);
	if (operation !== undefined) return operation;
	throw new UserError(
		`The operation '${quote(String(item.getParameter('operation')), 80)}' isn't supported. Select one from the list.`,
	);
}
