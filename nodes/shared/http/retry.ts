import type { Failure, GaveUp } from '../errors/failure';
import { getReason } from '../errors/reasons';
import type { CircuitBreaker } from './circuitBreaker';
import type { Clock } from './clock';
import type { Place } from './limiter';
import { namesItsReason } from './response';
import type { SigningTimeVerdict } from './serverClock';

/** All attempts of one request end within this many milliseconds, unless its options say otherwise. */
export const DEADLINE = 60_000;

/** The deadline of requests that outlast an outage. Without a success for so long, the lock of a backup is lost anyway. */
export const LONG_DEADLINE = 540_000;

/** Milliseconds for one attempt, unless the options say otherwise. */
export const ATTEMPT_TIMEOUT = 10_000;

/** An attempt that gets less than this many milliseconds would only say that its time was too short. */
const SHORTEST_ATTEMPT = 1_000;

/** How a request is sent and retried; without any, until its deadline. */
export interface RequestOptions {
	/** Milliseconds for each attempt. */
	timeout?: number;
	maxAttempts?: number;
	/** Milliseconds for all attempts. */
	deadline?: number;
	/** Ends the request without waiting for its response. */
	signal?: AbortSignal;
	/** Lets no further attempt begin; `signal` unless set. */
	stopSignal?: AbortSignal;
	/** Given up while the request waits for its next attempt. */
	place?: Place;
	/** Missing where a request must not depend on what others met. */
	circuitBreaker?: CircuitBreaker;
}

/** What decides whether a failed attempt is followed by another. Times are in milliseconds. */
interface Situation {
	failure: Failure;
	verdict: SigningTimeVerdict;
	/** Counted from 1. */
	attempt: number;
	maxAttempts: number;
	timeout: number;
	idempotent: boolean;
	deadline: number;
	timeLeft: number;
	/** By Retry-After, which may not be cut short. */
	requested: number;
	backoff: number;
}

type NextStep = { retryIn: number } | { stop: Failure; gaveUp?: GaveUp };

/**
 * The retry policy: retry immediately, after a wait, or not at all. A rejection that the signing time has certainly
 * caused is retried immediately, with the server's time.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior"; RFC 9110, sections 9.2.2 and 10.2.3.
 */
export function decideNextStep(situation: Situation): NextStep {
	const { failure, verdict, attempt, maxAttempts, timeout, deadline, timeLeft } = situation;
	if (verdict === 'corrected' && attempt < maxAttempts) return { retryIn: 0 };
	if (verdict !== 'accepted') return { stop: toClockSkew(failure) };
	if (!isRetryable(situation)) return { stop: failure };
	if (attempt >= maxAttempts) return { stop: failure, gaveUp: 'maxAttempts' };
	const { requested, backoff } = situation;
	const latest = timeLeft - Math.min(timeout, SHORTEST_ATTEMPT);
	if (latest <= 0 || requested > latest) return { stop: failure, gaveUp: nameDeadline(deadline) };
	return { retryIn: Math.min(Math.max(requested, backoff), latest) };
}

function isRetryable({ failure, attempt, idempotent }: Situation): boolean {
	const { retryable, mayHaveExecuted, maxAttempts = Infinity } = getReason(failure.reason);
	return retryable && attempt < maxAttempts && (idempotent || !mayHaveExecuted);
}

/** A rejection that names its own reason isn't about the signing time, whatever the response's Date says. */
function toClockSkew(failure: Failure): Failure {
	return namesItsReason(failure) ? failure : { ...failure, reason: 'clockSkew' };
}

/** @returns why no attempt may begin now although another was planned */
export function getObstacle(
	circuitBreaker: CircuitBreaker | undefined,
	deadline: number,
	timeLeft: number,
): GaveUp | undefined {
	if (circuitBreaker !== undefined && circuitBreaker.getTimeUntilOpen() <= 0) return 'circuitOpen';
	return timeLeft > 0 ? undefined : nameDeadline(deadline);
}

function nameDeadline(deadline: number): GaveUp {
	return deadline === DEADLINE ? 'deadline' : 'longDeadline';
}

const BASE_WAIT = 500;

/**
 * Ten attempts fill the minute, most of them late in it: a server may take half of it to restart, and may fail
 * now and then after that.
 */
const GROWTH = 3;

const LONGEST_WAIT = 12_000;

/**
 * Exponential backoff with equal jitter: half of the bound is fixed and half is random, so that many requests
 * which failed together don't come back together.
 *
 * @param attempts how many attempts there have been
 * @returns milliseconds, from 250 to 12,000
 * Source: Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog), equal jitter.
 */
export function getBackoff(attempts: number, clock: Pick<Clock, 'random'>): number {
	const bound = Math.min(LONGEST_WAIT, BASE_WAIT * GROWTH ** (attempts - 1));
	return bound / 2 + (clock.random() * bound) / 2;
}
