import { createHash } from 'node:crypto';

import type { IDataObject } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Engine, workflowOf } from './engine';
import type { Fault } from './simulator';
import { faults, KooDriveSimulator } from './simulator';
import { SimulatedClock } from './simulator/clock';

/*
 * The soak: thousands of locks, renewed every simulated 5 minutes for a simulated day, against a service that
 * fails at random in all its ways. Afterwards no lock may have expired that a perfect client could have kept.
 *
 *     npm run soak -- [seed] [locks] [hours]
 */

const [seed = Math.floor(Math.random() * 2 ** 31), LOCKS = 2000, HOURS = 24] = process.argv
	.slice(2)
	.map(Number);
const MINUTE = 60_000;
const ROUND = 5 * MINUTE;
/** Simulated time runs this much faster; between the rounds it jumps. */
const RATE = 20;

/** Numbers from 0 up to, not including, 1, whose sequence depends on the seed alone. */
function generator(of: number): () => number {
	let drawn = 0;
	return () => createHash('sha256').update(`${of} ${drawn++}`).digest().readUInt32BE() / 2 ** 32;
}

const chance = generator(seed);
const menu: Array<[string, () => Fault]> = [
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

type Item = IDataObject & { lockId: string };

/** What the day has brought so far. */
class Day {
	readonly faultsMet = new Map<string, number>(menu.map(([name]) => [name, 0]));
	readonly whyMissed = new Map<string, number>();
	renewals = 0;
	missed = 0;
	lost = 0;
	roundsWithWrongClock = 0;
	longestRound = 0;

	private readonly began = Date.now();

	constructor(private readonly simulator: KooDriveSimulator) {}

	/** Counts what came of one round, and replaces the locks that were lost in it. */
	count(output: IDataObject[]): void {
		for (const { code, lockId, error } of output as Array<Partial<Item>>) {
			if (code === 0) {
				this.renewals++;
				continue;
			}
			this.missed++;
			increment(this.whyMissed, String(error).replace(/^Lock "[^"]+" was not renewed: /, ''));
			if (lockId !== undefined && !this.simulator.locks.isAlive(lockId)) {
				this.lost++;
				this.simulator.locks.create('100', lockId);
			}
		}
	}

	toString(): string {
		const seconds = Math.round((Date.now() - this.began) / 1000);
		return `${this.renewals} renewals, ${this.missed} missed, ${this.lost} locks lost (${seconds} s)`;
	}

	report(): string {
		const table = (header: string, rows: Iterable<[string, number]>) =>
			[
				`| ${header} |\n|---|---:|`,
				...[...rows].map(([what, times]) => `| ${what} | ${times} |`),
			].join('\n');
		return `
${table('fault | met', this.faultsMet)}
| clock of n8n wrong by up to an hour (rounds) | ${this.roundsWithWrongClock} |

${table('why a renewal was missed | times', this.whyMissed)}

Longest round: ${Math.round(this.longestRound / 1000)} simulated seconds
${this.renewals} renewals; ${this.missed} missed in one round; ${this.lost} locks lost that a perfect client could have kept. Seed ${seed}.`;
	}
}

function increment(counts: Map<string, number>, what: string): void {
	counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Silence and drips take real time, so they are rarer than the rest. */
function drawFault(): [string, Fault] {
	const drawn = menu[Math.floor(chance() * menu.length)]!;
	const [name, fault] = /silence|drip/.test(drawn[0]) && chance() > 0.05 ? menu[0]! : drawn;
	return [name, fault()];
}

async function main(): Promise<number> {
	console.log(`Seed ${seed}: ${LOCKS} locks, renewed every 5 minutes for ${HOURS} simulated hours`);
	const simulator = await new KooDriveSimulator(new SimulatedClock(RATE)).start();
	simulator.records = false;
	const day = new Day(simulator);
	let faultRate = 0;
	simulator.faultFor = () => {
		if (chance() >= faultRate) return undefined;
		const [name, fault] = drawFault();
		increment(day.faultsMet, name);
		return fault;
	};
	let ahead = 0;
	const engine = await Engine.load();
	await engine.useClock({
		now: () => simulator.clock.now() + ahead,
		monotonic: () => simulator.clock.monotonic(),
		sleep: async (milliseconds, signal) => await sleep(milliseconds / RATE, signal),
		random: chance,
	});
	const { accessToken, userId } = simulator.account;
	const credential = { endpoint: simulator.endpoint, accessToken, userId };
	const items = Array.from({ length: LOCKS }, () => ({ lockId: simulator.locks.create('100') }));
	const options = { timeout: 1000, maxTries: 10 };
	const renewAll = workflowOf(items, { options }, { onError: 'continueRegularOutput' });

	for (let round = 1; round <= (HOURS * 60) / 5; round++) {
		const began = simulator.clock.now();
		// In most rounds 5% of the requests fail, in some 20%, and some begin with n8n's clock wrong.
		faultRate = chance() < 0.1 ? 0.2 : 0.05;
		ahead = chance() < 0.1 ? (chance() - 0.5) * 120 * MINUTE : 0;
		if (ahead !== 0) day.roundsWithWrongClock++;
		day.count((await engine.run(renewAll, credential)).json('Next'));
		day.longestRound = Math.max(day.longestRound, simulator.clock.now() - began);
		simulator.clock.set(Math.max(began + ROUND, simulator.clock.now()));
		if (round % 24 === 0) console.log(`  hour ${round / 12}: ${day.toString()}`);
	}
	await simulator.stop();
	console.log(day.report());
	return day.lost === 0 ? 0 : 1;
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
