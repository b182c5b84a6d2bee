import {
	formatSigningTime,
	parseSigningTime,
} from '../../../credentials/authentication/signingTime';
import type { CallResult, Failed } from '../transport/result';
import type { Clock } from './clock';

/** KooDrive takes a signing time that lies within its last 15 minutes. */
const SIGNING_TIME_LIFE = 15 * 60 * 1000;

/** Date has no fractions, and is written some time before or after the signing time is looked at. */
const BLUR = 2_000;

/** One correction for a clock that is wrong, and one more for an answer whose Date was. */
const MOST_CORRECTIONS = 2;

/**
 * KooDrive's clock, as far as its answers have shown it. One serves a whole execution, so that what one
 * item's answer taught holds for the rest.
 *
 * Source: KooDrive API Reference, "Authentication-related Request Headers" (X-Date); RFC 9110, section
 * 6.6.1 (Date).
 */
export class ServerClock {
	/** How far KooDrive's clock is ahead of the monotonic clock, in milliseconds; `undefined` until it has been shown. */
	ahead: number | undefined;

	constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {}

	/**
	 * Tells KooDrive's time. Once an answer has shown it, it goes on by the monotonic clock: the machine's time of day
	 * was wrong, and may be set right, or wrong again, at any moment.
	 *
	 * @param ahead how far KooDrive's clock is ahead of the monotonic one, where a call knows better
	 * @returns milliseconds since the Unix epoch
	 */
	now(ahead = this.ahead): number {
		return ahead === undefined ? this.clock.now() : this.clock.monotonic() + ahead;
	}

	/**
	 * Works out how far KooDrive's clock is ahead of the monotonic one.
	 *
	 * @param serverTime what KooDrive's clock shows: milliseconds since the Unix epoch
	 * @returns milliseconds
	 */
	aheadAt(serverTime: number): number {
		return serverTime - this.clock.monotonic();
	}
}

/** What a try says of the signing time: it was taken, or refused and worth another, or refused once too often. */
export type SigningTimeVerdict = 'accepted' | 'tryAgain' | 'refused';

/**
 * The signing times of one call. What a refusal's Date suggests is tried by this call alone; only when that
 * try is not refused for its time again is it shared with the run, so that one wrong Date harms no other call.
 */
export class CallClock {
	private ahead: number | undefined;

	private corrections = 0;

	constructor(private readonly server: ServerClock) {}

	/** @returns the server's now as far as this call knows it: milliseconds since the Unix epoch */
	now(): number {
		return this.server.now(this.ahead);
	}

	/** @returns the X-Date for a request that is sent now */
	signingTime(): string {
		return formatSigningTime(this.now());
	}

	/**
	 * Learns from what came of a try.
	 *
	 * @param signingTime the X-Date that was sent
	 * @param result what came of it
	 * @returns whether the signing time was the reason for a refusal, and whether a corrected one is worth a try
	 */
	learn(signingTime: string, result: CallResult): SigningTimeVerdict {
		if (result.ok) return this.share();
		const { serverTime } = result.failure;
		if (serverTime === undefined || !isRefusal(result)) return 'accepted';
		if (!isOutsideItsLife(signingTime, serverTime)) return this.share();
		// Date has no fractions, so this is never ahead of the server: the side on which X-Date must err.
		this.ahead = this.server.aheadAt(serverTime);
		return ++this.corrections > MOST_CORRECTIONS ? 'refused' : 'tryAgain';
	}

	private share(): 'accepted' {
		if (this.ahead !== undefined) this.server.ahead = this.ahead;
		this.ahead = undefined;
		return 'accepted';
	}
}

/** A 400, 401 or 403, or a code other than 0: the answers that KooDrive gives to a wrong signing time. */
function isRefusal({ failure: { httpCode, code } }: Failed): boolean {
	return [400, 401, 403].includes(httpCode ?? 0) || (code !== undefined && code !== 0);
}

/**
 * Tells whether a server with the given clock has to refuse a signing time.
 *
 * @param signingTime an X-Date that was sent
 * @param serverTime the answer's Date header: milliseconds since the Unix epoch
 * @returns whether the signing time was later than the server's now, or may have been more than 15 minutes older
 * Source: KooDrive API Reference, "Authentication-related Request Headers".
 */
export function isOutsideItsLife(signingTime: string, serverTime: number): boolean {
	const sent = parseSigningTime(signingTime);
	return sent !== undefined && (sent > serverTime || serverTime + BLUR - sent > SIGNING_TIME_LIFE);
}
