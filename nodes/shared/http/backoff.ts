import type { Clock } from './clock';

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
