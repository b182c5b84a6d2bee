import { formatSigningTime, parseSigningTime } from '../../../credentials/authentication/signature';
import type { Failure } from '../errors/failure';
import type { Clock } from './clock';
import { TRANSIENT_STATUS_REASONS } from './response';
import type { AttemptResult } from './request';

/** KooDrive accepts a signing time within its last 15 minutes. */
const SIGNING_TIME_LIFE = 15 * 60 * 1000;

/** Date has no fractions, and is written some time before or after the signing time is checked. */
const TOLERANCE = 2_000;

/** One correction for a clock that is wrong, and one more for a response whose Date was. */
const MAX_CORRECTIONS = 2;

/**
 * KooDrive's clock, as far as its responses have shown it. One serves all requests with a credential, so that
 * what one item's response shows applies to the others.
 *
 * Source: KooDrive API Reference, "Authentication-related Request Headers" (X-Date); RFC 9110, section
 * 6.6.1 (Date).
 */
export class ServerClock {
	/** How far KooDrive's clock is ahead of the monotonic clock, in milliseconds; `undefined` until it's known. */
	offset: number | undefined;

	constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {}

	/**
	 * Tells KooDrive's time. Once a response has shown it, it goes on by the monotonic clock: the machine's time
	 * of day was wrong, and may be corrected, or wrong again, at any moment.
	 *
	 * @param offset how far KooDrive's clock is ahead of the monotonic one, where a request knows better
	 * @returns milliseconds since the Unix epoch
	 */
	now(offset = this.offset): number {
		return offset === undefined ? this.clock.now() : this.clock.monotonic() + offset;
	}

	/**
	 * @param serverTime what KooDrive's clock shows: milliseconds since the Unix epoch
	 * @returns how far it's ahead of the monotonic clock, in milliseconds
	 */
	getOffset(serverTime: number): number {
		return serverTime - this.clock.monotonic();
	}
}

/** What an attempt says of its signing time: accepted, rejected and now corrected, or rejected once too often. */
export type SigningTimeVerdict = 'accepted' | 'corrected' | 'rejected';

/**
 * The signing times of one request. What a rejection's Date suggests is tried by this request alone; only when
 * that attempt isn't rejected for its time again is it shared, so that one wrong Date harms no other request.
 */
export class RequestClock {
	private offset: number | undefined;

	private corrections = 0;

	constructor(private readonly server: ServerClock) {}

	/** @returns the server's time as far as this request knows it: milliseconds since the Unix epoch */
	now(): number {
		return this.server.now(this.offset);
	}

	/** @returns the X-Date for an attempt that begins now */
	getSigningTime(): string {
		return formatSigningTime(this.now());
	}

	/**
	 * Learns from an attempt.
	 *
	 * @param signingTime the X-Date that was sent
	 * @returns whether the signing time caused a rejection, and whether a corrected one is worth an attempt
	 */
	learn(signingTime: string, result: AttemptResult): SigningTimeVerdict {
		if (result.ok) return this.share();
		const { serverTime } = result.failure;
		if (serverTime === undefined || !isRejection(result.failure)) return 'accepted';
		if (!isOutsideItsLife(signingTime, serverTime)) return this.share();
		// Date has no fractions, so this is never ahead of the server: the side on which X-Date must err.
		this.offset = this.server.getOffset(serverTime);
		return ++this.corrections > MAX_CORRECTIONS ? 'rejected' : 'corrected';
	}

	private share(): 'accepted' {
		if (this.offset !== undefined) this.server.offset = this.offset;
		this.offset = undefined;
		return 'accepted';
	}
}

/**
 * A 400, 401 or 403, or a code other than 0: the responses that KooDrive gives to a wrong signing time. After a
 * transient status, KooDrive may have carried out the request, so that isn't sent again without its policy.
 */
function isRejection({ httpCode, code }: Failure): boolean {
	if (TRANSIENT_STATUS_REASONS.has(httpCode ?? 0)) return false;
	return [400, 401, 403].includes(httpCode ?? 0) || (code !== undefined && code !== 0);
}

/**
 * Tells whether a server with the given clock has to reject a signing time.
 *
 * @param signingTime an X-Date that was sent
 * @param serverTime the response's Date header: milliseconds since the Unix epoch
 * @returns whether the signing time was later than the server's time, or may have been more than 15 minutes older
 * Source: KooDrive API Reference, "Authentication-related Request Headers".
 */
export function isOutsideItsLife(signingTime: string, serverTime: number): boolean {
	const sent = parseSigningTime(signingTime);
	return (
		sent !== undefined && (sent > serverTime || serverTime + TOLERANCE - sent > SIGNING_TIME_LIFE)
	);
}
