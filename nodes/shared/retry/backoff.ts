import type { Clock } from './clock';

const BASE_WAIT = 500;
const LONGEST_WAIT = 8_000;

/**
 * Nine waits lie between the ten tries that a call has at the most. With 8 seconds for the last one too, chance
 * would have one call in sixty spend all its tries within 30 seconds, and a server may take that long to restart.
 */
const LAST_WAIT = 16_000;
const WAIT_BEFORE_THE_LAST_TRY = 9;

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
	const longest = tries < WAIT_BEFORE_THE_LAST_TRY ? LONGEST_WAIT : LAST_WAIT;
	const bound = Math.min(longest, BASE_WAIT * 2 ** (tries - 1));
	return bound / 2 + (clock.random() * bound) / 2;
}
