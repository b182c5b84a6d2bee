import type { Clock } from './clock';

const BASE_WAIT = 500;

/**
 * Ten tries are to fill the minute. With 8 seconds, chance would have one call in sixty spend them all within 30,
 * and a server may take that long to restart.
 */
const LONGEST_WAIT = 16_000;

/**
 * Works out how long to wait before the next try: a bound that doubles with each try, half of it fixed and
 * half of it left to chance, so that many calls which failed together do not come back together.
 *
 * @param tries how many tries there have been
 * @param clock chance
 * @returns milliseconds, from 250 to 16,000
 * Source: Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog), equal jitter.
 */
export function backoff(tries: number, clock: Pick<Clock, 'random'>): number {
	const bound = Math.min(LONGEST_WAIT, BASE_WAIT * 2 ** (tries - 1));
	return bound / 2 + (clock.random() * bound) / 2;
}
