import type { Failure } from '../failures/failure';
import { reasonOf } from '../failures/reasons';
import { namesItsReason } from '../transport/answer';
import { parseHttpDate, parseRetryAfter } from '../transport/httpDate';
import type { Try } from '../transport/request';
import type { Answer, CallResult, Failed } from '../transport/result';
import { failed } from '../transport/result';
import { backoff } from './backoff';
import type { Clock } from './clock';
import type { Outage } from './outage';
import { CallClock } from './serverClock';
import type { ServerClock } from './serverClock';

/** All tries of one call end within this many milliseconds. */
export const DEADLINE = 60_000;

/** A try that is given less than this many milliseconds would say nothing but that its time was too short. */
const LEAST_TIME_FOR_A_TRY = 1_000;

/** How one call may be repeated. */
export interface RetryPolicy {
	/** The most requests that may be sent. */
	maxTries: number;
	/** Milliseconds for each of them. */
	timeout: number;
	/** Whether the call may be sent again when it is unclear whether KooDrive carried it out. */
	idempotent: boolean;
}

/** What the calls of one execution share. */
export interface Shared {
	clock: Clock;
	serverClock: ServerClock;
	outage: Outage;
	/** Fires when the calls are to end without waiting for their answers. */
	cancelSignal: AbortSignal | undefined;
}

/** Why there was no further try after one that another could have cured. */
export type GaveUp = 'maxTries' | 'deadline' | 'outage';

/** How often a call was sent, and what became of those tries. */
export interface Tries {
	/** How many requests were sent. */
	tries: number;
	/** Whether a try before the last may have been carried out, though its answer never came. */
	unclear: boolean;
	gaveUp?: GaveUp;
}

/** What came of a call and all its tries. */
export type CallOutcome = Tries & (Failed | CallSuccess);

/** A call that succeeded. */
export interface CallSuccess {
	ok: true;
	answer: Answer;
	/** When the try that succeeded was begun, by the monotonic clock, in milliseconds. */
	sentAt: number;
	/** Tells when KooDrive answered, by its clock: milliseconds since the Unix epoch. */
	answeredAt: () => number;
}

/**
 * Sends a request until it succeeds, fails for good, or may not be sent again: exponential waits with equal
 * jitter, `Retry-After` honoured, everything within {@link DEADLINE}. A refusal for which the signing time was
 * surely the reason is repeated at once, with the server's clock.
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
	const { clock, serverClock, outage, cancelSignal } = shared;
	const deadline = clock.monotonic() + DEADLINE;
	const callClock = new CallClock(serverClock);
	let unclear = false;
	for (let tries = 1; ; tries++) {
		const triedAt = clock.monotonic();
		const signingTime = callClock.signingTime();
		const timeout = Math.max(1, Math.floor(Math.min(policy.timeout, deadline - triedAt)));
		const result = await send({ signingTime, timeout, cancelSignal });
		outage.note(result, triedAt);
		const verdict = callClock.learn(signingTime, result);
		if (result.ok) {
			const answeredAt = timeOf(result.answer, shared);
			return { ...result, tries, unclear, sentAt: triedAt, answeredAt };
		}

		const { failure } = result;
		if (verdict === 'tryAgain' && tries < policy.maxTries) continue;
		if (verdict !== 'accepted') return { ...clockOff(failure), tries, unclear };
		if (!deservesAnotherTry(failure, tries, policy)) return { ...result, tries, unclear };
		const obstacle =
			tries >= policy.maxTries
				? 'maxTries'
				: await waitForNextTry(
						wantedWait(failure, tries, callClock, clock),
						deadline,
						policy,
						shared,
					);
		if (obstacle === 'stopped') return { ...failed('stopped'), tries, unclear };
		if (obstacle !== undefined) return { ...result, tries, unclear, gaveUp: obstacle };
		unclear ||= reasonOf(failure.reason).mayBeDone;
	}
}

function timeOf({ date }: Answer, { serverClock }: Shared): () => number {
	return () => parseHttpDate(date) ?? serverClock.now();
}

/** A refusal that names a reason of its own was not about the time, whatever the answer's Date says. */
function clockOff(failure: Failure): Failed {
	return {
		ok: false,
		failure: namesItsReason(failure) ? failure : { ...failure, reason: 'clockOff' },
	};
}

function deservesAnotherTry(
	{ reason }: Failure,
	tries: number,
	{ idempotent }: RetryPolicy,
): boolean {
	const { retry, mayBeDone, mostTries = Infinity } = reasonOf(reason);
	return retry && tries < mostTries && (idempotent || !mayBeDone);
}

/** Milliseconds: what the answer asks for, which may not be cut short, and what would be waited anyway. */
interface WantedWait {
	asked: number;
	usual: number;
}

function wantedWait(
	{ retryAfter, serverTime }: Failure,
	tries: number,
	callClock: CallClock,
	clock: Clock,
): WantedWait {
	const asked = parseRetryAfter(retryAfter, serverTime ?? callClock.now()) ?? 0;
	return { asked, usual: backoff(tries, clock) };
}

/** Waits until the next try is due, or says why there will be none. */
async function waitForNextTry(
	{ asked, usual }: WantedWait,
	deadline: number,
	{ timeout }: RetryPolicy,
	{ clock, outage, cancelSignal }: Shared,
): Promise<GaveUp | 'stopped' | undefined> {
	const latest = deadline - Math.min(timeout, LEAST_TIME_FOR_A_TRY) - clock.monotonic();
	if (latest <= 0 || asked > latest) return 'deadline';
	const due = Math.min(Math.max(asked, usual), latest, Math.max(0, outage.remaining()));
	try {
		await clock.sleep(due, cancelSignal);
	} catch {
		return 'stopped';
	}
	if (outage.remaining() <= 0) return 'outage';
	return clock.monotonic() < deadline ? undefined : 'deadline';
}
