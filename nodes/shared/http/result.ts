import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../errors/failure';
import type { ReasonName } from '../errors/reasons';

/** What came of one attempt. */
export type AttemptResult =
	| {
			ok: true;
			/** The whole JSON object of KooDrive's response, with a `code` of 0. */
			body: IDataObject;
			/** The response's Date header, as it came: most responses are never asked for their time. */
			date?: unknown;
	  }
	| { ok: false; failure: Failure };

/** Why there was no further attempt although another could have succeeded. */
export type GaveUp = 'maxAttempts' | 'deadline' | 'longDeadline' | 'circuitOpen';

/** How often a request was sent, and with what effect. */
export interface Attempts {
	count: number;
	/** Whether an attempt before the last may have been carried out, though its response never came. */
	outcomeUnknown: boolean;
	gaveUp?: GaveUp;
	/** When the last attempt began, by the monotonic clock, in milliseconds. */
	startedAt: number;
}

/** What came of a request, after all its attempts. */
export type RequestResult = AttemptResult & { attempts: Attempts };

/** Ends an operation of several requests when one of them has failed for good. */
export class RequestFailedError extends Error {
	constructor(
		readonly failure: Failure,
		readonly attempts?: Attempts,
	) {
		super(failure.reason);
	}
}

/**
 * @returns the body of the response
 * @throws RequestFailedError when there is none
 */
export function requireBody(result: RequestResult): IDataObject {
	if (result.ok) return result.body;
	throw new RequestFailedError(result.failure, result.attempts);
}

/** @returns a failed attempt */
export function failed(
	reason: ReasonName,
	known: Omit<Failure, 'reason'> = {},
): Extract<AttemptResult, { ok: false }> {
	return { ok: false, failure: { reason, ...known } };
}

/**
 * @param result of a request that failed, or whose response lacks what was asked for
 * @param failedStep what couldn't be done by it
 */
export function toRequestFailedError(
	result: RequestResult,
	failedStep?: string,
): RequestFailedError {
	const failure = result.ok ? ({ reason: 'responseIncomplete' } as const) : result.failure;
	return new RequestFailedError(
		failedStep === undefined ? failure : { ...failure, failedStep },
		result.attempts,
	);
}
