/** Who renews the locks. */
export const CONTENDERS = [
	'node',
	'http-request',
	'helper',
	'helper-expression',
	'socket',
] as const;
export type Contender = (typeof CONTENDERS)[number];

/** One situation that is measured. */
export interface Case {
	locks: number;
	/** Milliseconds that the server takes for each answer. */
	latency: number;
	concurrency: number;
	authentication: 'token' | 'signed';
	/** The share of the first tries that fail with HTTP 503. */
	faults: number;
}

const LOCKS = [1, 100, 1_000, 10_000, 50_000];
const LATENCIES = [0, 50];
const CONCURRENCIES = [1, 50, 500];

/** A case that cannot take less than this many seconds, whoever runs it, is left out. */
const LONGEST = 30;

const base: Pick<Case, 'authentication' | 'faults'> = { authentication: 'token', faults: 0 };

const plain = LOCKS.flatMap((locks) =>
	LATENCIES.flatMap((latency) =>
		CONCURRENCIES.filter((concurrency) => concurrency === 1 || concurrency < locks)
			.filter((concurrency) => (locks * latency) / concurrency / 1000 <= LONGEST)
			// One after the other, without latency, only the time of one counts, and 1,000 show that.
			.filter((concurrency) => concurrency > 1 || locks <= 1_000)
			.map((concurrency): Case => ({ ...base, locks, latency, concurrency })),
	),
);

const special = [1_000, 10_000].flatMap((locks): Case[] => [
	{ ...base, locks, latency: 0, concurrency: 50, authentication: 'signed' },
	{ ...base, locks, latency: 0, concurrency: 50, faults: 0.05 },
]);

/** All cases, small ones first. */
export const CASES: readonly Case[] = [...plain, ...special];

/** @returns whether a contender can do a case at all */
export function canDo(contender: Contender, { authentication, locks, faults }: Case): boolean {
	if (contender === 'helper-expression') return locks !== 100 && faults === 0;
	// A signature cannot be written as an expression, and the bare socket measures no signing.
	return authentication === 'token' || contender === 'node' || contender === 'helper';
}

/** @returns how often a case is measured */
export function repeats({ locks }: Case): number {
	return locks >= 50_000 ? 2 : 3;
}
