import type { ReasonName } from './reasons';

/** What is known of a request that failed. It contains no secret. */
export interface Failure {
	reason: ReasonName;
	/** What couldn't be done, where an operation takes several requests: `the backup lock couldn't be created`. */
	failedStep?: string;
	/** Sentences about what else happened, for the description. */
	notes?: string[];
	/** What happened in all, where an operation failed in several ways; takes the place of the reason's words. */
	summary?: string;
	/** Missing where there was no response. */
	httpCode?: number;
	/** KooDrive's own code (an integer), or its gateway's (a string). */
	code?: number | string;
	/** The message of KooDrive or its gateway. */
	msg?: string;
	/** What else helps to find the cause: a network error's code, the kind of the response. */
	detail?: string;
	/** The response's Retry-After header, as it came. */
	retryAfter?: unknown;
	/** The response's Date header: milliseconds since the Unix epoch. */
	serverTime?: number;
	/** Set where a lease was lost by this, or is no longer renewed. */
	leaseLoss?: {
		/** Milliseconds since the Unix epoch. */
		at: number;
		/** Why, as the second half of a sentence. */
		because: string;
	};
}

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

/** What an error may get on its way to the user. */
interface Enrichment {
	failedStep?: string;
	/** One more sentence for the description. */
	note?: string;
	/** What replaces parts of the failure. */
	failure?: Partial<Failure>;
}

/** A request that failed for good. It's enriched on its way up, never taken apart. */
export class RequestFailedError extends Error {
	/** @param attempts missing where nothing was sent */
	constructor(
		readonly failure: Failure,
		readonly attempts?: Attempts,
	) {
		super(failure.reason);
	}

	/** @returns a copy that says more */
	with({ failedStep, note, failure = {} }: Enrichment): RequestFailedError {
		const notes = note === undefined ? this.failure.notes : [...(this.failure.notes ?? []), note];
		return new RequestFailedError(
			{
				...this.failure,
				...failure,
				...(failedStep !== undefined && { failedStep }),
				...(notes !== undefined && { notes }),
			},
			this.attempts,
		);
	}
}

/**
 * For where a failure alone is handled, as in `await request.catch(onFailure(({ failure }) => failure))`. Any other
 * error is thrown again.
 */
export function onFailure<Value>(
	handle: (error: RequestFailedError) => Value,
): (error: unknown) => Value {
	return (error) => {
		if (error instanceof RequestFailedError) return handle(error);
		throw error;
	};
}

/** Names what couldn't be done, as in `await request.catch(failAt("the list couldn't be read"))`. */
export function failAt(failedStep: string): (error: unknown) => never {
	return onFailure((error) => {
		throw error.with({ failedStep });
	});
}

/** For where both outcomes lead on: @returns the value, or the error of the request that failed for good */
export async function settle<Value>(pending: Promise<Value>): Promise<RequestFailedError | Value> {
	return await pending.catch(onFailure((error) => error));
}
