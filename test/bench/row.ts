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

/** The median of one thing that the runs of a row measured. */
export function median({ runs }: Row, key: keyof (Measured & Seen)): number {
	return spread(runs.map((run) => run[key])).median;
}

/** Finds what a contender measured in a case; a case in which it never finished counts as not measured. */
export function rowOf(
	rows: Row[],
	contender: Contender,
	situation: Partial<Case>,
): Row | undefined {
	return rows.find(
		(row) =>
			row.contender === contender &&
			row.runs.length > 0 &&
			Object.entries(situation).every(([key, value]) => row.case[key as keyof Case] === value),
	);
}

/** A case in a few words. */
export function describeCase({
	scheme,
	locks,
	latency,
	concurrency,
	authentication,
	faults,
}: Case): string {
	const special = [
		scheme === 'http' && 'plain http',
		authentication === 'signed' && 'signed',
		faults > 0 && `${faults * 100}% faults`,
	];
	return [
		`${locks.toLocaleString('en-US')} locks`,
		`${latency} ms`,
		`${concurrency} at once`,
		...special.filter(Boolean),
	].join(', ');
}
