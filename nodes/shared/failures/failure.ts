import type { ReasonName } from './reasons';

/** How something was lost that was kept alive in the background. */
export interface Loss {
	/** When: milliseconds since the Unix epoch. */
	at: number;
	/** Why, as the second half of a sentence. */
	because: string;
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
	/** The answer's Retry-After header, as it came. */
	retryAfter?: unknown;
	/** The answer's Date header: milliseconds since the Unix epoch. */
	serverTime?: number;
	/** Set where something that was kept alive in the background was lost by this. */
	lost?: Loss;
}
