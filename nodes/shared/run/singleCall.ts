import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../failures/failure';
import type { KooDriveRequest } from '../transport/request';
import type { Background, Item, Operation } from './operation';

/** What an operation may build its output from. */
export interface Success {
	/** The answer: the whole JSON object, with an integer `code` of 0. */
	body: IDataObject;
	/** Tells when KooDrive answered, by its clock: milliseconds since the Unix epoch. */
	answeredAt: () => number;
	/** When the request was sent that succeeded, by the monotonic clock, in milliseconds. */
	sentAt: number;
	item: Item;
}

/** Why nothing is to be sent, if so. */
type Obstacle = Failure | undefined;

/** An operation of one request and one answer. */
export interface SingleCall {
	/**
	 * What is to be done, or found out, before anything is sent.
	 *
	 * @returns why nothing is to be sent, or `undefined`
	 * @throws UserError when a parameter cannot be used
	 */
	before?: (item: Item, background: Background) => Obstacle | Promise<Obstacle>;
	/**
	 * @returns the request for one item
	 * @throws UserError when a parameter cannot be sent
	 */
	toRequest: (item: Item) => KooDriveRequest;
	/** @returns the item that the next step receives, or `undefined` where the answer lacks what was asked for */
	toOutput: (success: Success) => IDataObject | undefined;
	/** What else is to be done once it has succeeded. */
	afterwards?: (success: Success, background: Background) => void;
	/**
	 * Whether a refusal, after an earlier try whose outcome is unclear, shows that the earlier one did it.
	 *
	 * @returns the item that the next step receives, or `undefined` where the failure stands
	 */
	doneBefore?: (failure: Failure) => IDataObject | undefined;
}

/**
 * Makes the work of an operation that sends one request and makes one item of the answer.
 *
 * @param shape the request, and what becomes of the answer
 * @returns the operation's `run`
 */
export function singleCall(shape: SingleCall): Operation['run'] {
	const { before, toRequest, toOutput, afterwards, doneBefore } = shape;
	return async (item, call, background) => {
		const obstacle = await before?.(item, background);
		if (obstacle !== undefined) return { ok: false, failure: obstacle };
		const outcome = await call(toRequest(item));
		if (!outcome.ok) {
			const json = outcome.unclear ? doneBefore?.(outcome.failure) : undefined;
			return json === undefined
				? { ok: false, failure: outcome.failure, tries: outcome }
				: { ok: true, json: [json] };
		}
		const { answer, answeredAt, sentAt } = outcome;
		const success = { body: answer.body, answeredAt, sentAt, item };
		const json = toOutput(success);
		if (json === undefined) {
			return { ok: false, failure: { reason: 'answerIncomplete' }, tries: outcome };
		}
		afterwards?.(success, background);
		return { ok: true, json: [json] };
	};
}
