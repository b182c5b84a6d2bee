import type { Failure } from './failure';

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
 * Handles a request that failed, as in `await request.catch(onFailure(({ failure }) => failure))`. Any other error is
 * thrown again.
 */
export function onFailure<Value>(
	handle: (error: RequestFailedError) => Value,
): (error: unknown) => Value {
	return (error) => {
		if (error instanceof RequestFailedError) return handle(error);
		throw error;
	};
}

/** @returns the value, or the error of the request that failed for good */
export async function settle<Value>(pending: Promise<Value>): Promise<RequestFailedError | Value> {
	return await pending.catch(onFailure((error) => error));
}
