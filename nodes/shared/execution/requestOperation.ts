import type { IDataObject } from 'n8n-workflow';

import type { SendPage } from '../api/pages';
import { readPages } from '../api/pages';
import type { Failure } from '../errors/failure';
import { onFailure, RequestFailedError } from '../errors/failure';
import type { KooDriveResponse } from '../http/client';
import { parseHttpDate } from '../http/httpDate';
import type { KooDriveRequest } from '../http/request';
import type { Fields, Values } from './fields';
import type { Item, NodeExecution } from './nodeExecution';
import type { Operation, OperationDescription } from './operation';
import { defineOperation } from './operation';

/** A request that succeeded. */
export interface Success extends KooDriveResponse {
	/** When KooDrive responded, by its clock: milliseconds since the Unix epoch. */
	getResponseTime: () => number;
}

/** An operation of one request and one response. */
interface RequestOperation<Given> {
	/** What must be done before anything is sent; throws where nothing is to be sent. */
	prepare?: (values: Given, execution: NodeExecution) => void | Promise<void>;
	toRequest: (values: Given) => KooDriveRequest;
	/** @returns the item for the next node, or `undefined` where the response lacks what was asked for */
	toOutput: (success: Success, values: Given) => IDataObject | undefined;
	onSuccess?: (success: Success, item: Item<Given>, execution: NodeExecution) => void;
	/**
	 * Tells whether a rejection shows that it was done already: by an earlier attempt whose outcome is unknown, or
	 * before n8n's Retry On Fail ran the node again.
	 *
	 * @returns the item for the next node, or `undefined` where the failure remains
	 */
	recoverAlreadyDone?: (
		failure: Failure,
		values: Given,
		send: SendPage,
	) => IDataObject | undefined | Promise<IDataObject | undefined>;
}

/** Defines an operation of one request. */
export function defineRequest<Main extends Fields, Options extends Fields = Record<never, never>>(
	operation: OperationDescription<Main, Options> & RequestOperation<Values<Main & Options>>,
): Operation {
	const { prepare, toRequest, toOutput, onSuccess, recoverAlreadyDone } = operation;
	return defineOperation<Main, Options>({
		...operation,
		async execute(item, execution) {
			const { values, client } = item;
			await prepare?.(values, execution);
			const request = toRequest(values);
			const response = await execution.request(item, request).catch(
				onFailure(async (error) => {
					const send: SendPage = async (other) => await execution.send(item, other);
					const recovered = mayBeDone(error, execution.id, request)
						? await recoverAlreadyDone?.(error.failure, values, send)
						: undefined;
					if (recovered === undefined) throw error;
					return { recovered };
				}),
			);
			if ('recovered' in response) return [{ json: response.recovered }];
			if (recoverAlreadyDone !== undefined) completedRequests.add(execution.id, request);
			const getResponseTime = () => parseHttpDate(response.date) ?? client.serverClock.now();
			const success = { ...response, getResponseTime };
			const json = toOutput(success, values);
			if (json === undefined) {
				throw new RequestFailedError({ reason: 'responseIncomplete' }, response.attempts);
			}
			onSuccess?.(success, item, execution);
			return [{ json }];
		},
	});
}

function mayBeDone(
	{ attempts }: RequestFailedError,
	executionId: string,
	request: KooDriveRequest,
): boolean {
	return attempts?.outcomeUnknown === true || completedRequests.has(executionId, request);
}

/** An operation whose response comes in pages, and that returns an item for each entry. */
interface ListOperation<Given> {
	/** @returns the request for the first page, without the page's parameters */
	toRequest: (values: Given) => KooDriveRequest;
	/** @returns the item for the next node */
	toOutput: (entry: IDataObject, values: Given) => IDataObject;
}

/** Defines an operation that reads a list page by page; `limit` is among its fields. */
export function defineList<
	Main extends Fields & { limit: Fields[string] },
	Options extends Fields = Record<never, never>,
>(
	operation: OperationDescription<Main, Options> & ListOperation<Values<Main & Options>>,
): Operation {
	const { toRequest, toOutput } = operation;
	return defineOperation<Main, Options>({
		...operation,
		async execute(item, execution) {
			const { values } = item;
			const send: SendPage = async (page) => await execution.request(item, page);
			const limit = (values.limit as number | undefined) ?? Infinity;
			const entries = await readPages(toRequest(values), limit, send);
			return entries.map((entry) => ({ json: toOutput(entry, values) }));
		},
	});
}

/** More than one execution repeats; what is older is forgotten first. */
const MAX_REMEMBERED = 10_000;

/**
 * What was released or deleted, by execution. n8n's Retry On Fail runs a node again with all its items, and
 * KooDrive then rejects those that succeeded the first time.
 */
class CompletedRequests {
	private readonly keys = new Set<string>();

	add(executionId: string, request: KooDriveRequest): void {
		this.keys.add(toKey(executionId, request));
		if (this.keys.size <= MAX_REMEMBERED) return;
		const [oldest] = this.keys;
		this.keys.delete(oldest!);
	}

	has(executionId: string, request: KooDriveRequest): boolean {
		return this.keys.has(toKey(executionId, request));
	}
}

function toKey(executionId: string, { method, path, headers }: KooDriveRequest): string {
	return JSON.stringify([executionId, method, path, headers]);
}

/** Those of this n8n process. */
const completedRequests = new CompletedRequests();
