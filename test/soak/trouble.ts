import { createHash } from 'node:crypto';

import type { Fault } from '../simulator';
import { faults } from '../simulator';

/** Numbers from 0 up to, not including, 1, whose sequence depends on the seed alone. */
export function generator(seed: number): () => number {
	let drawn = 0;
	return () => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE() / 2 ** 32;
}

/** The ways in which a single answer can fail, by their names. */
export const menu: ReadonlyArray<[string, () => Fault]> = [
	['reset before the answer', faults.resetBefore],
	['reset in the answer', faults.resetDuring],
	['cut-off answer', faults.cutOff],
	['empty answer', faults.empty],
	['silence', faults.silence],
	['slow drip', () => faults.drip(50)],
	['HTTP 408', () => faults.status(408)],
	['HTTP 429 with Retry-After', () => faults.status(429, { 'Retry-After': '2' })],
	['HTTP 500', () => faults.status(500)],
	['HTTP 502 with a web page', () => faults.html(502)],
	['HTTP 503', () => faults.status(503)],
	['HTTP 504', () => faults.status(504)],
];

/** Draws one of them. Silence and drips take real time, so they are rarer than the rest. */
export function drawFault(chance: () => number): [string, Fault] {
	const drawn = menu[Math.floor(chance() * menu.length)]!;
	const [name, fault] = /silence|drip/.test(drawn[0]) && chance() > 0.05 ? menu[0]! : drawn;
	return [name, fault()];
}

/** The ways in which the whole service is away for some seconds. */
export type Away = 'takes no connections' | 'resets every connection' | 'answers HTTP 503';
export const WAYS_TO_BE_AWAY: readonly Away[] = [
	'takes no connections',
	'resets every connection',
	'answers HTTP 503',
];

/** What a service that is away in this way does to every request. */
export function whileAway(away: Away | undefined): Fault | undefined {
	if (away === 'resets every connection') return faults.resetBefore();
	return away === 'answers HTTP 503' ? faults.status(503) : undefined;
}
