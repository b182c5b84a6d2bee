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
