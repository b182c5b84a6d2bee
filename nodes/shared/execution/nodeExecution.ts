import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { KooDriveClient, KooDriveResponse } from '../http/client';
import type { Clock } from '../http/clock';
import { createPause } from '../http/clock';
import type { Limiter, Place } from '../http/limiter';
import type { KooDriveRequest } from '../http/request';
import { LONG_DEADLINE } from '../http/retry';
import type { Clients } from './credentials';
import type { RequestOptions } from '../http/retry';

/** What is sent with an item's credential and options. */
export type Sender = Pick<Item, 'client' | 'policy' | 'place'>;

/** One execution of a node: what all its items share. */
export class NodeExecution {
	/** Fires when the user stops the execution, or it exceeds the workflow's timeout. */
	readonly cancelSignal: AbortSignal | undefined;

	/** Awaited for each item, because thousands of them may have nothing to wait for. */
	readonly pause: () => Promise<void>;

	private readonly shared = new Map<unknown, unknown>();

	/** @param outlastsOutages whether requests are retried for nine minutes, whatever 'Max Tries' says */
	constructor(
		readonly context: IExecuteFunctions,
		readonly clock: Clock,
		readonly limiter: Limiter,
		readonly clients: Clients,
		private readonly outlastsOutages: boolean,
	) {
		this.cancelSignal = context.getExecutionCancelSignal();
		this.pause = createPause(clock);
	}

	/** n8n's ID of the execution of the workflow. */
	get id(): string {
		return this.context.getExecutionId();
	}

	/** @returns what was created with this key before, or what is created now */
	once<Value>(key: unknown, create: () => Value): Value {
		if (!this.shared.has(key)) this.shared.set(key, create());
		return this.shared.get(key) as Value;
	}

	/**
	 * Sends a request of an item, with retries. An idempotent one that was sent already, for another item of the
	 * same ID and user, isn't sent again: both get its response.
	 *
	 * @throws RequestFailedError
	 */
	async request(item: Sender, request: KooDriveRequest): Promise<KooDriveResponse> {
		if (!request.idempotent) return await this.send(item, request);
		const name = JSON.stringify(request);
		return await (this.findTask<KooDriveResponse>(item, name) ??
			this.addTask(item, name, item.client.request(request, this.toOptions(item))));
	}

	/**
	 * Runs a task for the first of the items of a client that name it; the others get its result. After a failure, the
	 * next one runs it again.
	 */
	async share<Value>(item: Sender, name: string, task: () => Promise<Value>): Promise<Value> {
		const known = this.findTask<Value>(item, name);
		if (known !== undefined) return await known;
		return await this.addTask(item, name, task()).catch((error: unknown) => {
			this.getTasks(item.client).delete(name);
			throw error;
		});
	}

	/**
	 * Sends a request of an item, with retries, even if it was sent before.
	 *
	 * @param signal ends the request without waiting for its response
	 * @throws RequestFailedError
	 */
	async send(
		item: Sender,
		request: KooDriveRequest,
		signal?: AbortSignal,
	): Promise<KooDriveResponse> {
		return await item.client.request(request, this.toOptions(item, signal));
	}

	private toOptions(
		{ client: { circuitBreaker }, policy, place }: Sender,
		signal = this.cancelSignal,
	): RequestOptions {
		const retries = this.outlastsOutages
			? { maxAttempts: Infinity, deadline: LONG_DEADLINE }
			: { circuitBreaker };
		return { ...policy, ...retries, place, signal };
	}

	/** @returns the result of what another item of the client has begun under this name, if one has */
	private findTask<Value>({ client, place }: Sender, name: string): Promise<Value> | undefined {
		const known = this.getTasks(client).get(name) as Promise<Value> | undefined;
		if (known === undefined) return undefined;
		// Holding the place here would block the item that runs it from getting its place back. What fails may still be
		// followed by a request, which needs the place.
		const settled = async () => await Promise.allSettled([known]);
		return place.releaseDuring(settled, this.clock.monotonic()).then(async () => await known);
	}

	private async addTask<Value>(
		{ client }: Sender,
		name: string,
		task: Promise<Value>,
	): Promise<Value> {
		this.getTasks(client).set(name, task);
		return await task;
	}

	private getTasks(client: KooDriveClient): Map<string, Promise<unknown>> {
		return this.once(client, () => new Map<string, Promise<unknown>>());
	}
}

/** An input item that is being worked on. */
export interface Item<ItemValues = Record<string, unknown>> {
	/** Where it is among the input items. */
	index: number;
	/** What its fields and options read. */
	values: ItemValues;
	client: KooDriveClient;
	/** The options of its requests. */
	policy: Pick<RequestOptions, 'timeout' | 'maxAttempts'>;
	/** Its place under Max Concurrency. */
	place: Place;
}

/** An item for the next node, without its pairing. */
export type OutputItem = Pick<INodeExecutionData, 'json' | 'binary'>;

/** Shows a sentence at the node's output, where this n8n offers hints. */
export function showHint(
	context: IExecuteFunctions,
	message: string,
	type: 'info' | 'warning' = 'info',
): void {
	const { addExecutionHints } = context as Partial<IExecuteFunctions>;
	addExecutionHints?.call(context, { message, type, location: 'outputPane' });
}
