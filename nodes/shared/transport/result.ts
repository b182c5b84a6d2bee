import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../failures/failure';
import type { ReasonName } from '../failures/reasons';

/** KooDrive's answer to a call that it carried out. */
export interface Answer {
	/** The whole JSON object, with an integer `code` of 0. */
	body: IDataObject;
	/** The answer's Date header, as it came: most answers are never asked for their time. */
	date?: unknown;
}

/** A call that failed. */
export interface Failed {
	ok: false;
	failure: Failure;
}

/** A call either was carried out or failed; it never throws. */
export type CallResult = { ok: true; answer: Answer } | Failed;

/**
 * Wraps up what is known of a failed call.
 *
 * @param reason the row of the table of reasons
 * @param known what else is known of it
 * @returns the call's result
 */
export function failed(reason: ReasonName, known: Omit<Failure, 'reason'> = {}): Failed {
	return { ok: false, failure: { reason, ...known } };
}
