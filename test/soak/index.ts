import type { IDataObject } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Engine, workflowOf } from '../engine';
import { KooDriveSimulator } from '../simulator';
import { SimulatedClock } from '../simulator/clock';
import type { Away } from './trouble';
import { drawFault, generator, menu, WAYS_TO_BE_AWAY, whileAway } from './trouble';

/*
 * The soak: thousands of locks, renewed every simulated 4 minutes for a simulated day with the default options,
 * against a service that fails at random in all its ways, is away for 1 to 30 seconds again and again, and runs
 * beside a machine whose clock is wrong and jumps. No renewal may be missed, and no lock may expire.
 *
 *     npm run soak -- [seed] [locks] [hours]
 */

const [seed = Math.floor(Math.random() * 2 ** 31), LOCKS = 2000, HOURS = 24] = process.argv
	.slice(2)
	.map(Number);
const MINUTE = 60_000;
/** As the README advises. */
const ROUND = 4 * MINUTE;
/** Simulated time runs this much faster; between the rounds it jumps. */
const RATE = 10;

const chance = generator(seed);
const LONGEST_OUTAGE = 30_000;
/** Outages and jumps begin within this many milliseconds of a round, while its renewals go on. */
const WITHIN = 30_000;

type Item = IDataObject & { lockId: string };

/** What the day has brought so far. */
class Day {
	readonly faultsMet = new Map<string, number>(menu.map(([name]) => [name, 0]));
	readonly outages = new Map<string, number>(WAYS_TO_BE_AWAY.map((way) => [way, 0]));
	readonly whyMissed = new Map<string, number>();
	renewals = 0;
	missed = 0;
	lost = 0;
	roundsWithWrongClock = 0;
	jumps = 0;
	mostAtOnce = 0;
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
| clock of n8n jumped by up to an hour during a round | ${this.jumps} |

${table('outage of 1 to 30 seconds: the service | times', this.outages)}

${table('why a renewal was missed | times', this.whyMissed)}

Most requests at once: ${this.mostAtOnce}
Longest round: ${Math.round(this.longestRound / 1000)} simulated seconds
${this.renewals} renewals; ${this.missed} missed in one round; ${this.lost} locks lost that a perfect client could have kept. Seed ${seed}.`;
	}
}

function increment(counts: Map<string, number>, what: string): void {
	counts.set(what, (counts.get(what) ?? 0) + 1);
}

async function main(): Promise<number> {
	console.log(`Seed ${seed}: ${LOCKS} locks, renewed every 4 minutes for ${HOURS} simulated hours`);
	const simulator = await new KooDriveSimulator(new SimulatedClock(RATE)).start();
	simulator.keepsRequests = false;
	const day = new Day(simulator);
	let faultRate = 0;
	let away: Away | undefined;
	simulator.faultFor = () => {
		day.mostAtOnce = Math.max(day.mostAtOnce, simulator.openConnections);
		if (away !== undefined) return whileAway(away);
		if (chance() >= faultRate) return undefined;
		const [name, fault] = drawFault(chance);
		increment(day.faultsMet, name);
		return fault;
	};
	let ahead = 0;
	const { port } = new URL(simulator.endpoint);
	/** Waits in simulated time. */
	const wait = async (milliseconds: number) => await sleep(milliseconds / RATE);

	/** Has the service go away for a while in the middle of a round. */
	async function outage(): Promise<void> {
		const way = WAYS_TO_BE_AWAY[Math.floor(chance() * WAYS_TO_BE_AWAY.length)]!;
		const [start, length] = [chance() * WITHIN, 1_000 + chance() * (LONGEST_OUTAGE - 1_000)];
		await wait(start);
		increment(day.outages, way);
		if (way === 'takes no connections') await simulator.stop();
		else away = way;
		await wait(length);
		if (way === 'takes no connections') await simulator.start(Number(port));
		away = undefined;
	}

	/** Sets the clock of n8n's machine in the middle of a round. */
	async function jump(): Promise<void> {
		const [start, by] = [chance() * WITHIN, (chance() - 0.5) * 120 * MINUTE];
		await wait(start);
		day.jumps++;
		ahead += by;
	}

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
	// The node measures a try by the machine's time: this is the default of 10 simulated seconds.
	const options = { timeout: 10_000 / RATE };
	const renewAll = workflowOf(items, { options }, { onError: 'continueRegularOutput' });

	for (let round = 1; round <= (HOURS * 60) / 4; round++) {
		const began = simulator.clock.now();
		// In most rounds 5% of the requests fail, in some 20%, and some begin with n8n's clock wrong.
		faultRate = chance() < 0.1 ? 0.2 : 0.05;
		ahead = chance() < 0.1 ? (chance() - 0.5) * 120 * MINUTE : 0;
		if (ahead !== 0) day.roundsWithWrongClock++;
		const trouble: Array<Promise<void>> = [];
		if (chance() < 0.25) trouble.push(outage());
		if (chance() < 0.1) trouble.push(jump());
		day.count((await engine.run(renewAll, credential)).json('Next'));
		day.longestRound = Math.max(day.longestRound, simulator.clock.now() - began);
		await Promise.all(trouble);
		simulator.clock.set(Math.max(began + ROUND, simulator.clock.now()));
		if (round % 30 === 0) console.log(`  hour ${round / 15}: ${day.toString()}`);
	}
	await simulator.stop();
	console.log(day.report());
	return day.missed === 0 && day.lost === 0 ? 0 : 1;
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
