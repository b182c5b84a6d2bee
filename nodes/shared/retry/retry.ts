import type { Clock } from './clock';
import { reasonOf } from '../failures/reasons';
import type { Try } from '../transport/request';
import type { CallResult, Failure } from '../transport/result';
import { failed } from '../transport/result';
import type { RetryClaim, RetryQuota } from './retryQuota';
import type { ServerClock } from './serverClock';

/** All tries of one call end within this many milliseconds. */
export const DEADLINE = 60_000;

const BASE_WAIT = 500;
const LONGEST_WAIT = 8_000;

/** How one call may be repeated. */
export interface RetryPolicy {
	/** The most requests that may be sent. */
	maxTries: number;
	/** Milliseconds for each of them. */
	timeout: number;
	/** Whether the call may be sent again when it is unclear whether KooDrive carried it out. */
	repeatable: boolean;
}

/** What the calls of one execution share. */
export interface Shared {
	clock: Clock;
	serverClock: ServerClock;
	quota: RetryQuota;
	cancelSignal: AbortSignal | undefined;
}

/** Why there was no further try after one that another could have cured. */
export type GaveUp = 'maxTries' | 'deadline' | 'quota';

/** What came of a call and all its tries. */
export type CallOutcome = CallResult & {
	/** How many requests were sent. */
	tries: number;
	/** Whether a try before the last may have been carried out, though its answer never came. */
	unclear: boolean;
	gaveUp?: GaveUp;
};

/**
 * Sends a request until it succeeds, fails for good, or may not be sent again: exponential waits with full
 * jitter, `Retry-After` honoured, everything within {@link DEADLINE}. A refusal for which the signing time was
 * surely the reason is repeated once, at once, with the server's clock.
 *
 * @param send sends the request once
 * @param policy how it may be repeated
 * @param shared what the calls of the execution share
 * @returns the last result, and what is known of the tries; it never throws
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior"; RFC 9110, sections 9.2.2 and 10.2.3.
 */
export async function callWithRetries(
	send: (attempt: Try) => Promise<CallResult>,
	policy: RetryPolicy,
	shared: Shared,
): Promise<CallOutcome> {
	const { clock, quota, serverClock } = shared;
	const deadline = clock.now() + DEADLINE;
	const claim = quota.open();
	let succeeded = false;
	let unclear = false;
	let clockCorrected = false;
	try {
		for (let tries = 1; ; tries++) {
			const signingTime = serverClock.signingTime();
			const timeout = Math.min(policy.timeout, deadline - clock.now());
			const result = await send({ signingTime, timeout });
			const outcome: CallOutcome = { ...result, tries, unclear };
			succeeded = result.ok;
			if (result.ok) return outcome;

			const { failure } = result;
			const clockWasWrong =
				isRefusal(failure) && serverClock.correct(signingTime, failure.serverTime);
			if (clockWasWrong && !clockCorrected && tries < policy.maxTries) {
				clockCorrected = true;
				continue;
			}
			if (clockWasWrong)
				return { ...outcome, ok: false, failure: { ...failure, reason: 'clockOff' } };
			if (!deservesAnotherTry(failure, policy)) return outcome;
			if (tries >= policy.maxTries) return { ...outcome, gaveUp: 'maxTries' };
			const obstacle = await waitForNextTry(failure, tries, deadline, claim, shared);
			if (obstacle === 'stopped') return { ...outcome, ...failed('stopped') };
			if (obstacle !== undefined) return { ...outcome, gaveUp: obstacle };
			unclear ||= reasonOf(failure.reason).mayBeDone;
		}
	} finally {
		claim.close(succeeded);
	}
}

/** A 400, 401 or 403, or a code other than 0: the answers that KooDrive gives to a wrong signing time. */
function isRefusal({ httpCode, code }: Failure): boolean {
	return [400, 401, 403].includes(httpCode ?? 0) || (code !== undefined && code !== 0);
}

function deservesAnotherTry(failure: Failure, { repeatable }: RetryPolicy): boolean {
	const { retry, mayBeDone } = reasonOf(failure.reason);
	return retry && (repeatable || !mayBeDone);
}

/** Waits until the next try is due and paid for, or says why there will be none. */
async function waitForNextTry(
	failure: Failure,
	tries: number,
	deadline: number,
	claim: RetryClaim,
	shared: Shared,
): Promise<GaveUp | 'stopped' | undefined> {
	let round = tries;
	while (!claim.take(failure.reason)) {
		if (!claim.mayComeBack()) return 'quota';
		const obstacle = await wait(jitteredWait(round++, shared.clock), deadline, shared);
		if (obstacle !== undefined) return obstacle;
	}
	const due = Math.max(jitteredWait(tries, shared.clock), failure.retryAfter ?? 0);
	return await wait(due, deadline, shared);
}

/** Full jitter: anything from nothing to a bound that doubles with each try. */
function jitteredWait(tries: number, clock: Clock): number {
	return clock.random() * Math.min(LONGEST_WAIT, BASE_WAIT * 2 ** (tries - 1));
}

async function wait(
	milliseconds: number,
	deadline: number,
	{ clock, cancelSignal }: Shared,
): Promise<'deadline' | 'stopped' | undefined> {
	if (clock.now() + milliseconds >= deadline) return 'deadline';
	try {
		await clock.sleep(milliseconds, cancelSignal);
		return undefined;
	} catch {
		return 'stopped';
	}
}
