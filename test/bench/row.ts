import type { Case, Contender } from './cases';
import type { Measured } from './contender';
import type { Seen } from './server';

/** One contender in one case. */
export interface Row {
	contender: Contender;
	case: Case;
	runs: Array<Measured & Seen>;
}

/** The median, the least and the most of what the runs measured. */
export function spread(values: number[]): { median: number; least: number; most: number } {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = Math.floor(sorted.length / 2);
	const median =
		sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
	return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/** Locks a second of a row. */
export function rate({ case: { locks }, runs }: Row): ReturnType<typeof spread> {
	return spread(runs.map(({ seconds }) => locks / seconds));
}
