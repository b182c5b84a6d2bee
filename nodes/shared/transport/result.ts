import type { IDataObject } from 'n8n-workflow';

import type { ReasonName } from '../failures/reasons';

/** KooDrive's answer to a call that it carried out. */
export interface Answer {
	/** The whole JSON object, with an integer `code` of 0. */
	body: IDataObject;
	/** The answer's Date header, as it came: most answers are never asked for their time. */
	date?: unknown;
}

/** What is known of a call that failed. Nothing in it is secret. */
export interface Failure {
	reason: ReasonName;
	/** The status of the answer, if there was one. */
	httpCode?: number;
	/** KooDrive's own code (an integer), or its gateway's (a string). */
	code?: number | string;
	/** KooDrive's or its gateway's own words. */
	msg?: string;
	/** What else helps to find the cause: a network error's code, the kind of the answer. */
	detail?: string;
	/** The wait that the answer asked for, in milliseconds. */
	retryAfter?: number;
	/** The answer's Date header: milliseconds since the Unix epoch. */
	serverTime?: number;
}

/** A call either was carried out or failed; it never throws. */
export type CallResult = { ok: true; answer: Answer } | { ok: false; failure: Failure };

/**
 * Wraps up what is known of a failed call.
 *
 * @param reason the row of the table of reasons
 * @param known what else is known of it
 * @returns the call's result
 */
export function failed(reason: ReasonName, known: Omit<Failure, 'reason'> = {}): CallResult {
	return { ok: false, failure: { reason, ...known } };
}
