import { createHash } from 'node:crypto';

import type { Fault, RecordedRequest } from '../simulator';
import { faults, KooDriveSimulator } from '../simulator';
import type { SimulatedClock } from '../simulator/clock';

/** Numbers from 0 up to, but not including, 1, that depend on the seed only. */
export function generator(seed: number): () => number {
	let drawn = 0;
	return () => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE() / 2 ** 32;
}

const FAULTS: ReadonlyArray<[string, () => Fault]> = [
	['reset before the response', faults.resetBefore],
	['reset during the response', faults.resetDuring],
	['incomplete response', faults.cutOff],
	['empty response', faults.empty],
	['no response', faults.silence],
	['slow response', () => faults.drip(50)],
	['HTTP 408', () => faults.status(408)],
	['HTTP 429 with Retry-After', () => faults.status(429, { 'Retry-After': '2' })],
	['HTTP 500', () => faults.status(500)],
	['HTTP 502 with a web page', () => faults.html(502)],
	['HTTP 503', () => faults.status(503)],
	['HTTP 504', () => faults.status(504)],
];

const OUTAGES = ['refuses connections', 'resets every connection', 'answers HTTP 503'] as const;
const SHORTEST_OUTAGE = 1_000;
const LONGEST_OUTAGE = 30_000;

/** A simulated KooDrive that fails at random: single requests in all ways, and the whole service for seconds. */
export class UnreliableKooDrive {
	/** How many requests there were, and how many of them failed. */
	requests = 0;

	failed = 0;

	/** How often each fault and each outage occurred. */
	private readonly occurred = new Map<string, number>([
		...FAULTS.map(([name]): [string, number] => [`fault: ${name}`, 0]),
		...OUTAGES.map((name): [string, number] => [`outage: the service ${name}`, 0]),
	]);

	/** The share of the requests that fail. */
	private faultRate = 0.05;

	private outage: (typeof OUTAGES)[number] | undefined;

	private constructor(
		readonly simulator: KooDriveSimulator,
		private readonly random: () => number,
	) {
		simulator.keepsRequests = false;
		simulator.faultFor = (request) => {
			this.requests++;
			const fault = this.nextFault(request);
			if (fault !== undefined) this.failed++;
			return fault;
		};
	}

	static async start(clock: SimulatedClock, random: () => number): Promise<UnreliableKooDrive> {
		return new UnreliableKooDrive(await new KooDriveSimulator(clock).start(), random);
	}

	/** Decides how many of the requests fail from now on: mostly 5%, sometimes 20%. */
	changeFaultRate(): void {
		this.faultRate = this.random() < 0.1 ? 0.2 : 0.05;
	}

	/** Makes the whole service unavailable, for 1 to 30 seconds unless set. */
	async goDown(
		wait: (milliseconds: number) => Promise<void>,
		milliseconds = SHORTEST_OUTAGE + this.random() * (LONGEST_OUTAGE - SHORTEST_OUTAGE),
	): Promise<void> {
		const outage = OUTAGES[Math.floor(this.random() * OUTAGES.length)]!;
		this.count(`outage: the service ${outage}`);
		if (outage === 'refuses connections') {
			await this.simulator.restart(async () => await wait(milliseconds));
			return;
		}
		this.outage = outage;
		await wait(milliseconds);
		this.outage = undefined;
	}

	/** Counts something else that occurred. */
	count(what: string, times = 1): void {
		this.occurred.set(what, (this.occurred.get(what) ?? 0) + times);
	}

	/** What occurred, as a table. */
	toString(): string {
		const rows = [...this.occurred].map(([what, times]) => `| ${what} | ${times} |`);
		const total = `${this.requests} requests, ${this.failed} of which failed`;
		return ['', '| what occurred | times |', '| --- | ---: |', ...rows, '', total].join('\n');
	}

	private nextFault({ target }: RecordedRequest): Fault | undefined {
		if (this.outage === 'resets every connection') return faults.resetBefore();
		if (this.outage === 'answers HTTP 503') return faults.status(503);
		if (this.random() >= this.faultRate) return undefined;
		const drawn = FAULTS[Math.floor(this.random() * FAULTS.length)]!;
		// Requests without a response or with a slow one take real time, so they're less frequent. A file has five minutes.
		const isSlow = /^(no|slow) response/.test(drawn[0]);
		const isTooSlow = isSlow && (target.endsWith('/files/complete') || this.random() > 0.05);
		const [name, fault] = isTooSlow ? FAULTS[0]! : drawn;
		this.count(`fault: ${name}`);
		return fault();
	}
}
