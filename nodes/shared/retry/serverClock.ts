import {
	formatSigningTime,
	parseSigningTime,
} from '../../../credentials/authentication/signingTime';
import type { Clock } from './clock';

/** KooDrive takes a signing time that lies within its last 15 minutes. */
const SIGNING_TIME_LIFE = 15 * 60 * 1000;

/**
 * KooDrive's clock, as far as its answers have shown it. One serves a whole execution, so that what one
 * item's answer taught holds for the rest.
 *
 * Source: KooDrive API Reference, "Authentication-related Request Headers" (X-Date); RFC 9110, section
 * 6.6.1 (Date).
 */
export class ServerClock {
	private offset = 0;

	constructor(private readonly clock: Pick<Clock, 'now'>) {}

	/** @returns the server's now as far as it is known: milliseconds since the Unix epoch */
	now(): number {
		return this.clock.now() + this.offset;
	}

	/** @returns the X-Date for a request that is sent now */
	signingTime(): string {
		return formatSigningTime(this.now());
	}

	/**
	 * Learns the server's clock from a refusal, but only if that clock proves that the signing time was the
	 * reason: it was later than the server's now, or more than 15 minutes older.
	 *
	 * @param signingTime the X-Date that was refused
	 * @param serverTime the refusal's Date header: milliseconds since the Unix epoch
	 * @returns whether there was such proof, so that the call deserves to be repeated at once
	 */
	correct(signingTime: string, serverTime: number | undefined): boolean {
		if (serverTime === undefined || !isOutsideItsLife(signingTime, serverTime)) return false;
		// Date has no fractions, so this is never ahead of the server: the side on which X-Date must err.
		this.offset = serverTime - this.clock.now();
		return true;
	}
}

/**
 * Tells whether a server with the given clock has to refuse a signing time.
 *
 * @param signingTime an X-Date that was sent
 * @param serverTime the answer's Date header: milliseconds since the Unix epoch
 * @returns whether the signing time was later than the server's now, or more than 15 minutes older
 * Source: KooDrive API Reference, "Authentication-related Request Headers".
 */
export function isOutsideItsLife(signingTime: string, serverTime: number): boolean {
	const sent = parseSigningTime(signingTime);
	return sent !== undefined && (sent > serverTime || serverTime - sent > SIGNING_TIME_LIFE);
}
