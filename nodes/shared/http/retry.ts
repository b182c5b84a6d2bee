import type { Failure } from '../errors/failure';
import { getReason } from '../errors/reasons';
import { getBackoff } from './backoff';
import type { CircuitBreaker } from './circuitBreaker';
import type { KooDriveClient } from './client';
import type { Clock } from './clock';
import { parseRetryAfter } from './httpDate';
import type { Place } from './limiter';
import type { KooDriveRequest } from './request';
import { namesItsReason } from './response';
import type { Attempts, GaveUp, RequestResult } from './result';
import { failed } from './result';
import type { SigningTimeVerdict } from './serverClock';
import { RequestClock } from './serverClock';

/** All attempts of one request end within this many milliseconds, unless its policy says otherwise. */
export const DEADLINE = 60_000;

/** The deadline of requests that outlast an outage. Without a success for so long, the lock of a backup is lost anyway. */
export const LONG_DEADLINE = 540_000;

/** An attempt that gets less than this many milliseconds would only say that its time was too short. */
const SHORTEST_ATTEMPT = 1_000;

/** How often one request may be sent. */
export interface RetryPolicy {
	maxAttempts: number;
	/** Milliseconds for each attempt. */
	timeout: number;
	/** Milliseconds for all attempts; {@link DEADLINE} unless set. */
	deadline?: number;
}

/** What a request is sent with. */
export interface RequestScope {
	client: Pick<KooDriveClient, 'sendAttempt' | 'serverClock'>;
	clock: Clock;
	/** Missing where a request must not depend on what others met. */
	circuitBreaker?: CircuitBreaker;
	/** Given up while the request waits for its next attempt. */
	place: Place;
	/** Fires when the request is to end without waiting for a response. */
	cancelSignal: AbortSignal | undefined;
	/** Fires when no further attempt is wanted. */
	stopSignal: AbortSignal | undefined;
}

/**
 * Sends a request until it succeeds, fails for good, or may not be sent again: exponential backoff with equal
 * jitter, `Retry-After` honored, everything within {@link DEADLINE}. A rejection that the signing time has
 * certainly caused is retried immediately, with the server's time.
 *
 * @returns the last attempt's result and what is known of all of them; it never throws
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior"; RFC 9110, sections 9.2.2 and 10.2.3.
 */
export async function requestWithRetries(
	request: KooDriveRequest,
	policy: RetryPolicy,
	scope: RequestScope,
): Promise<RequestResult> {
	const { client, clock, circuitBreaker, place, cancelSignal, stopSignal } = scope;
	const deadline = clock.monotonic() + (policy.deadline ?? DEADLINE);
	const requestClock = new RequestClock(client.serverClock);
	const attempts: Attempts = { count: 0, outcomeUnknown: false, startedAt: 0 };
	for (;;) {
		attempts.count++;
		attempts.startedAt = clock.monotonic();
		const timeLeft = deadline - attempts.startedAt;
		const timeout = Math.max(1, Math.floor(Math.min(policy.timeout, timeLeft)));
		const signingTime = requestClock.getSigningTime();
		const result = await client.sendAttempt(request, { signingTime, timeout, cancelSignal });
		circuitBreaker?.record(result, attempts.startedAt);
		const verdict = requestClock.learn(signingTime, result);
		if (result.ok) return { ...result, attempts };

		const { failure } = result;
		const serverTime = failure.serverTime ?? requestClock.now();
		const requested = parseRetryAfter(failure.retryAfter, serverTime) ?? 0;
		const next = decideNextStep({
			failure,
			verdict,
			attempt: attempts.count,
			policy,
			idempotent: request.idempotent,
			timeLeft: deadline - clock.monotonic(),
			requested,
			backoff: getBackoff(attempts.count, clock),
		});
		if ('stop' in next) {
			const { stop, gaveUp } = next;
			return { ok: false, failure: stop, attempts: { ...attempts, gaveUp } };
		}
		if (next.retryIn > 0) {
			const timeUntilOpen = circuitBreaker?.getTimeUntilOpen() ?? Infinity;
			const wait = Math.min(next.retryIn, Math.max(0, timeUntilOpen));
			try {
				await place.releaseDuring(async () => await clock.sleep(wait, stopSignal), deadline);
			} catch {
				return { ...failed('canceled'), attempts };
			}
		}
		const gaveUp = getObstacle(circuitBreaker, policy, deadline - clock.monotonic());
		if (gaveUp !== undefined) return { ...result, attempts: { ...attempts, gaveUp } };
		attempts.outcomeUnknown ||= getReason(failure.reason).mayHaveExecuted;
	}
}

/** What decides whether a failed attempt is followed by another. Times are in milliseconds. */
interface Situation {
	failure: Failure;
	verdict: SigningTimeVerdict;
	/** Counted from 1. */
	attempt: number;
	policy: RetryPolicy;
	idempotent: boolean;
	timeLeft: number;
	/** By Retry-After, which may not be cut short. */
	requested: number;
	backoff: number;
}

type NextStep = { retryIn: number } | { stop: Failure; gaveUp?: GaveUp };

/** The retry policy: retry immediately, after a wait, or not at all. */
function decideNextStep(situation: Situation): NextStep {
	const { failure, verdict, attempt, policy, timeLeft, requested, backoff } = situation;
	if (verdict === 'corrected' && attempt < policy.maxAttempts) return { retryIn: 0 };
	if (verdict !== 'accepted') return { stop: toClockSkew(failure) };
	if (!isRetryable(situation)) return { stop: failure };
	if (attempt >= policy.maxAttempts) return { stop: failure, gaveUp: 'maxAttempts' };
	const latest = timeLeft - Math.min(policy.timeout, SHORTEST_ATTEMPT);
	if (latest <= 0 || requested > latest) return { stop: failure, gaveUp: nameDeadline(policy) };
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

function getObstacle(
	circuitBreaker: CircuitBreaker | undefined,
	policy: RetryPolicy,
	timeLeft: number,
): GaveUp | undefined {
	if (circuitBreaker !== undefined && circuitBreaker.getTimeUntilOpen() <= 0) return 'circuitOpen';
	return timeLeft > 0 ? undefined : nameDeadline(policy);
}

function nameDeadline({ deadline = DEADLINE }: RetryPolicy): GaveUp {
	return deadline === DEADLINE ? 'deadline' : 'longDeadline';
}
