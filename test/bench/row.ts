import type { Case, Contender } from './cases';
import type { Measured } from './contender';
import type { Seen } from './server';

/** One contender in one case. */
export interface Row {
	contender: Contender;
	case: Case;
	runs: Array<Measured & Seen>;
}

/** The median, minimum and maximum. */
export function spread(values: number[]): { median: number; least: number; most: number } {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = Math.floor(sorted.length / 2);
	const median =
		sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
	return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/** Locks per second. */
export function rate({ case: { locks }, runs }: Row): ReturnType<typeof spread> {
	return spread(runs.map(({ seconds }) => locks / seconds));
}

/** The median of one figure over the runs of a row. */
export function median({ runs }: Row, key: keyof (Measured & Seen)): number {
	return spread(runs.map((run) => run[key])).median;
}

/** Finds the row of a contender in a case. A case that it never finished counts as not measured. */
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

/** A case in a few words, for progress lines and tables. */
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
		`${concurrency} at a time`,
		...special.filter(Boolean),
	].join(', ');
}
