import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../failures/failure';
import type { KooDriveRequest } from '../transport/request';
import type { Item, Operation } from './operation';

/** What an operation may build its output from. */
export interface Success {
	/** The answer: the whole JSON object, with an integer `code` of 0. */
	body: IDataObject;
	/** Tells when KooDrive answered, by its clock: milliseconds since the Unix epoch. */
	answeredAt: () => number;
	item: Item;
}

/** An operation of one request and one answer. */
export interface SingleCall {
	/**
	 * @returns the request for one item
	 * @throws UserError when a parameter cannot be sent
	 */
	toRequest: (item: Item) => KooDriveRequest;
	/** @returns the item that the next step receives, or `undefined` where the answer lacks what was asked for */
	toOutput: (success: Success) => IDataObject | undefined;
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
export function singleCall({ toRequest, toOutput, doneBefore }: SingleCall): Operation['run'] {
	return async (item, call) => {
		const outcome = await call(toRequest(item));
		if (!outcome.ok) {
			const json = outcome.unclear ? doneBefore?.(outcome.failure) : undefined;
			return json === undefined
				? { ok: false, failure: outcome.failure, tries: outcome }
				: { ok: true, json: [json] };
		}
		const { answer, answeredAt } = outcome;
		const json = toOutput({ body: answer.body, answeredAt, item });
		return json === undefined
			? { ok: false, failure: { reason: 'answerIncomplete' }, tries: outcome }
			: { ok: true, json: [json] };
	};
}
