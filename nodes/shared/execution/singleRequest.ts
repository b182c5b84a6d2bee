import type { IDataObject } from 'n8n-workflow';

import type { ItemParameters } from '../descriptions/itemParameters';
import type { Failure } from '../errors/failure';
import { parseHttpDate } from '../http/httpDate';
import type { KooDriveRequest } from '../http/request';
import type { Item } from './item';
import { completedRequests } from './completedRequests';
import type { NodeLeases } from './nodeLeases';
import type { ItemResult, Operation } from './operation';

/** What an operation makes its output from. */
export interface Success<Input> {
	/** The whole JSON object of the response, with a `code` of 0. */
	body: IDataObject;
	input: Input;
	/** When KooDrive responded, by its clock: milliseconds since the Unix epoch. */
	getResponseTime: () => number;
	/** When the attempt that succeeded began, by the monotonic clock, in milliseconds. */
	sentAt: number;
}

type Obstacle = Failure | undefined;

/** An operation of one request and one response. */
export interface SingleRequest<Input> {
	/**
	 * Reads and validates all that the operation needs of the item, once.
	 *
	 * @throws UserError when a parameter isn't valid
	 */
	read: (item: ItemParameters) => Input;
	/** What must be done before anything is sent; returns why nothing is to be sent, if so. */
	preflight?: (input: Input, leases: NodeLeases) => Obstacle | Promise<Obstacle>;
	toRequest: (input: Input) => KooDriveRequest;
	/** @returns the item for the next node, or `undefined` where the response lacks what was asked for */
	toOutput: (success: Success<Input>) => IDataObject | undefined;
	onSuccess?: (success: Success<Input>, leases: NodeLeases, item: Item) => void;
	/**
	 * Tells whether a rejection shows that it was done already: by an earlier attempt whose outcome is unknown, or
	 * before n8n's Retry On Fail ran the node again.
	 *
	 * @returns the item for the next node, or `undefined` where the failure remains
	 */
	recoverAlreadyDone?: (failure: Failure, input: Input) => IDataObject | undefined;
}

/** Makes an operation of one request. */
export function singleRequest<Input>(
	shape: SingleRequest<Input>,
): NonNullable<Operation['execute']> {
	const { read, preflight, toRequest, toOutput, onSuccess, recoverAlreadyDone } = shape;
	return async function executeSingleRequest(item, execution): Promise<ItemResult> {
		const { leases } = execution;
		const executionId = execution.context.getExecutionId();
		const input = read(item);
		const obstacle = await preflight?.(input, leases);
		if (obstacle !== undefined) return { ok: false, failure: obstacle };
		const request = toRequest(input);
		const result = await execution.request(item, request);
		const { attempts } = result;
		if (!result.ok) {
			const { failure } = result;
			const mayBeDone = attempts.outcomeUnknown || completedRequests.has(executionId, request);
			const recovered = mayBeDone ? recoverAlreadyDone?.(failure, input) : undefined;
			if (recovered !== undefined) return { ok: true, items: [{ json: recovered }] };
			return { ok: false, failure, attempts };
		}
		if (recoverAlreadyDone !== undefined) completedRequests.add(executionId, request);
		const { body, date } = result;
		const { serverClock } = item.client;
		const success = {
			body,
			input,
			getResponseTime: () => parseHttpDate(date) ?? serverClock.now(),
			sentAt: attempts.startedAt,
		};
		const json = toOutput(success);
		if (json === undefined) {
			return { ok: false, failure: { reason: 'responseIncomplete' }, attempts };
		}
		onSuccess?.(success, leases, item);
		return { ok: true, items: [{ json }] };
	};
}
