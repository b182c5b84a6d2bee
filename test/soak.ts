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
const LOCK_LIFE = 10 * MINUTE;
/** Simulated time runs this much faster; between the rounds it jumps. */
const RATE = 20;

/** mulberry32: a small generator whose sequence depends on the seed alone. */
function generator(state: number): () => number {
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
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

interface Tally {
	met: number;
}

async function main(): Promise<number> {
	console.log(`Seed ${seed}: ${LOCKS} locks, renewed every 5 minutes for ${HOURS} simulated hours`);
	const simulator = await new KooDriveSimulator(new SimulatedClock(RATE)).start();
	simulator.records = false;
	const engine = await Engine.load();
	let ahead = 0;
	await engine.useClock({
		now: () => simulator.clock.now() + ahead,
		sleep: async (milliseconds, signal) => await sleep(milliseconds / RATE, signal),
		random: chance,
	});
	const { accessToken, userId } = simulator.account;
	const credential = { endpoint: simulator.endpoint, accessToken, userId };

	const tallies = new Map<string, Tally>(menu.map(([name]) => [name, { met: 0 }]));
	// In most rounds 5% of the requests fail, in some 20%, and some begin with n8n's clock wrong.
	let rate = 0;
	simulator.faultFor = () => {
		if (chance() >= rate) return undefined;
		// Silence and drips take real time, so they are rarer than the rest.
		let [name, fault] = menu[Math.floor(chance() * menu.length)]!;
		if (/silence|drip/.test(name) && chance() > 0.05) [name, fault] = menu[0]!;
		tallies.get(name)!.met++;
		return fault();
	};

	const items = Array.from({ length: LOCKS }, () => ({ lockId: simulator.locks.create('100') }));
	const rounds = (HOURS * 60) / 5;
	let renewals = 0;
	let missed = 0;
	let lost = 0;
	let clockWrong = 0;
	const whyMissed = new Map<string, number>();
	let longestRound = 0;
	const began = Date.now();
	for (let round = 1; round <= rounds; round++) {
		const roundBegan = simulator.clock.now();
		rate = chance() < 0.1 ? 0.2 : 0.05;
		ahead = chance() < 0.1 ? (chance() - 0.5) * 120 * MINUTE : 0;
		if (ahead !== 0) clockWrong++;
		const executed = await engine.run(
			workflowOf(
				items,
				{ options: { timeout: 1000, maxTries: 10 } },
				{ onError: 'continueRegularOutput' },
			),
			credential,
		);
		const output = executed.json('Next') as Array<IDataObject & { lockId?: string }>;
		renewals += output.filter(({ code }) => code === 0).length;
		for (const { code, lockId, error } of output) {
			if (code === 0) continue;
			missed++;
			const why = String(error).replace(/^Lock "[^"]+" was not renewed: /, '');
			whyMissed.set(why, (whyMissed.get(why) ?? 0) + 1);
			if (lockId !== undefined && !simulator.locks.isAlive(lockId)) {
				lost++;
				simulator.locks.create('100', lockId);
			}
		}
		longestRound = Math.max(longestRound, simulator.clock.now() - roundBegan);
		simulator.clock.set(Math.max(roundBegan + ROUND, simulator.clock.now()));
		if (round % 24 === 0) {
			const seconds = Math.round((Date.now() - began) / 1000);
			console.log(
				`  hour ${round / 12}: ${renewals} renewals, ${missed} missed, ${lost} locks lost (${seconds} s)`,
			);
		}
	}
	await simulator.stop();

	console.log('\n| fault | met |\n|---|---:|');
	for (const [name, { met }] of tallies) console.log(`| ${name} | ${met} |`);
	console.log(`| clock of n8n wrong by up to an hour (rounds) | ${clockWrong} |`);
	console.log('\n| why a renewal was missed | times |\n|---|---:|');
	for (const [why, times] of whyMissed) console.log(`| ${why} | ${times} |`);
	console.log(
		`\nLongest round: ${Math.round(longestRound / 1000)} simulated seconds` +
			`\n${renewals} renewals; ${missed} missed in one round; ${lost} locks lost that a perfect client could have kept` +
			` (each lives ${LOCK_LIFE / MINUTE} minutes). Seed ${seed}.`,
	);
	return lost === 0 ? 0 : 1;
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
