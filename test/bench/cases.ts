/** Who renews the locks. */
export const CONTENDERS = [
	'node',
	'http-request',
	'helper',
	'helper-expression',
	'helper-stream',
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
	/** The share of the first tries that fail with HTTP 503. */
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
	// At 1,000 at once, the node has as many connections as HTTP Request, which opens all.
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

/** Those of the quick run: one lock nearby, and a thousand at the default concurrency. */
export const QUICK_CASES: readonly Case[] = [
	one[0]!,
	...thousand.filter(({ latency, concurrency }) => latency < 150 && concurrency === 50),
];

/** @returns whether a contender can do a case at all, in a time that is worth it */
export function canDo(contender: Contender, situation: Case): boolean {
	const { authentication, locks, faults } = situation;
	if (locks >= 50_000) return contender === 'node';
	if (contender === 'helper-expression') return faults === 0;
	if (contender === 'helper-stream') return showsStreaming(situation);
	// A signature cannot be written as an expression, and the bare socket measures no signing.
	return authentication === 'token' || contender === 'node' || contender === 'helper';
}

/** What it costs to take the answers as streams shows where connections are cheap and nothing is waited for. */
function showsStreaming({ scheme, latency, concurrency, authentication, faults }: Case): boolean {
	const isPlain = authentication === 'token' && faults === 0;
	return scheme === 'https' && latency === 0 && concurrency === 50 && isPlain;
}

/** @returns how often a case is measured */
export function repeats({ locks, latency }: Case): number {
	if (locks >= 50_000) return 1;
	return locks === 1_000 && latency === 0 ? 3 : 2;
}
