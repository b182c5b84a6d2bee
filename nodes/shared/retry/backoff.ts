import type { Clock } from './clock';

const BASE_WAIT = 500;

/**
 * Ten tries are to fill the minute, most of them late in it: a server may take half of it to restart, and may
 * fail now and then after that.
 */
const GROWTH = 3;
const LONGEST_WAIT = 12_000;

/**
 * Works out how long to wait before the next try: a bound that grows threefold with each try, half of it fixed and
 * half of it left to chance, so that many calls which failed together do not come back together.
 *
 * @param tries how many tries there have been
 * @param clock chance
 * @returns milliseconds, from 250 to 12,000
 * Source: Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog), equal jitter.
 */
export function backoff(tries: number, clock: Pick<Clock, 'random'>): number {
	const bound = Math.min(LONGEST_WAIT, BASE_WAIT * GROWTH ** (tries - 1));
	return bound / 2 + (clock.random() * bound) / 2;
}
