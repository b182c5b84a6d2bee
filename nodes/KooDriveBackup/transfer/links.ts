import type { Clock } from '../../shared/http/clock';

/** A link is renewed when so many milliseconds are left, or half of its life where that is shorter. */
const RENEW_BEFORE = 300_000;

/** What a link lives that doesn't say so, in seconds: as in the printed example. */
const USUAL_LIFE = 3_600;

/** A pre-signed link of the object store. */
export interface Link {
	url: string;
	/** When it should be renewed, by the monotonic clock, in milliseconds. */
	renewAt: number;
}

/**
 * @returns a link that was received just now
 * Source: AWS Signature Version 4, query parameter `X-Amz-Expires`, in seconds.
 */
export function toLink(url: string, clock: Pick<Clock, 'monotonic'>): Link {
	const seconds = /[?&]X-Amz-Expires=(\d+)/i.exec(url)?.[1];
	const life = 1_000 * (seconds === undefined ? USUAL_LIFE : Number(seconds));
	return { url, renewAt: clock.monotonic() + life - Math.min(RENEW_BEFORE, life / 2) };
}

/** @returns whether a link is there and needn't be renewed */
export function isFresh(link: Link | undefined, clock: Pick<Clock, 'monotonic'>): link is Link {
	return link !== undefined && clock.monotonic() < link.renewAt;
}
