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
	scheme: 'http' | 'https';
	locks: number;
	/** Milliseconds of a round trip to the server; TCP, TLS and HTTP take one each. */
	latency: number;
	concurrency: number;
	authentication: 'token' | 'signed';
	/** The share of the first attempts that fail with HTTP 503. */
	faults: number;
}

const https: Case = {
	scheme: 'https',
	locks: 1,
	latency: 0,
	concurrency: 1,
	authentication: 'token',
	faults: 0,
};

/** Milliseconds of a round trip that are measured. */
export const LATENCIES = [0, 50, 150];

const one = LATENCIES.map((latency): Case => ({ ...https, latency }));

const thousand = LATENCIES.flatMap((latency) =>
	// With 1,000 at a time, the node opens as many connections as HTTP Request, which has no limit.
	(latency === 0 ? [50, 500, 1_000] : [50, 500]).map(
		(concurrency): Case => ({ ...https, locks: 1_000, latency, concurrency }),
	),
);

const special: Case[] = [
	{ ...https, locks: 1_000, concurrency: 50, authentication: 'signed' },
	{ ...https, locks: 1_000, concurrency: 50, faults: 0.05 },
	{ ...https, locks: 1_000, concurrency: 50, scheme: 'http' },
];

const many: Case[] = [
	{ ...https, locks: 10_000, concurrency: 50 },
	{ ...https, locks: 10_000, latency: 50, concurrency: 500 },
	{ ...https, locks: 50_000, concurrency: 500 },
];

/** All cases, small ones first. */
export const CASES: readonly Case[] = [...one, ...thousand, ...special, ...many];

/** Those of the quick run: one lock without latency, and 1,000 locks at the default concurrency. */
export const QUICK_CASES: readonly Case[] = [
	one[0]!,
	...thousand.filter(({ latency, concurrency }) => latency < 150 && concurrency === 50),
];

/** Whether a contender is able to do a case in a reasonable time. */
export function canDo(
	contender: Contender,
	{ authentication, concurrency, locks, faults }: Case,
): boolean {
	if (locks >= 50_000) return contender === 'node';
	// What n8n adds to a single request, and what an expression adds for many: the other pairs show the same.
	if (contender === 'helper') return locks === 1;
	if (contender === 'socket')
		return concurrency <= 50 && locks <= 1_000 && authentication === 'token';
	if (contender === 'helper-expression') return faults === 0;
	// A signature can't be written as an expression.
	return authentication === 'token' || contender === 'node';
}

/** How often a case is measured. */
export function repeats({ locks, latency }: Case): number {
	return locks === 1_000 && latency === 0 ? 2 : 1;
}
