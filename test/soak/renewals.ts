import { sleep } from 'n8n-workflow';

import { Engine, workflowOf } from '../engine';
import { SimulatedClock } from '../simulator/clock';
import type { SoakOptions } from '.';
import { UnreliableKooDrive } from './unreliable';

const MINUTE = 60_000;
/** As the README advises. */
const ROUND = 4 * MINUTE;
/** Simulated time is this much faster. Between the rounds, it jumps. */
const RATE = 10;
/** Outages and jumps of the clock begin within this many milliseconds of a round, during its renewals. */
const WITHIN = 30_000;

/**
 * Thousands of locks, renewed on a schedule, every 4 minutes, with the default options.
 *
 * @returns whether every lock was renewed in every round
 */
export async function renewals({ random, locks = 2000, hours }: SoakOptions): Promise<boolean> {
	const service = await UnreliableKooDrive.start(new SimulatedClock(RATE), random);
	const { simulator } = service;
	const started = Date.now();
	let [renewed, failed, lost, ahead, mostConnections, longestRound] = [0, 0, 0, 0, 0, 0];
	const drawOffset = () => (random() - 0.5) * 120 * MINUTE;
	/** Waits in simulated time. */
	const wait = async (milliseconds: number) => await sleep(milliseconds / RATE);

	async function outage(): Promise<void> {
		await wait(random() * WITHIN);
		await service.goDown(wait);
	}

	async function jump(): Promise<void> {
		await wait(random() * WITHIN);
		service.count("n8n's clock jumped by up to an hour during a round");
		ahead += drawOffset();
	}

	const engine = await Engine.load();
	await engine.useClock({
		now: () => simulator.clock.now() + ahead,
		monotonic: () => simulator.clock.monotonic(),
		sleep: async (milliseconds: number, signal?: AbortSignal) =>
			await sleep(milliseconds / RATE, signal),
		random,
	});
	const { accessToken, userId } = simulator.account;
	const credential = { endpoint: simulator.endpoint, accessToken, userId };
	const items = Array.from({ length: locks }, () => ({ lockId: simulator.locks.create('100') }));
	// The node measures the timeout in real time. This is the default of 10 simulated seconds.
	const options = { timeout: 10_000 / RATE };
	const renewAll = workflowOf(items, { options }, { onError: 'continueRegularOutput' });

	for (let round = 1; round <= (hours * 60) / 4; round++) {
		const began = simulator.clock.now();
		service.changeFaultRate();
		ahead = random() < 0.1 ? drawOffset() : 0;
		if (ahead !== 0) service.count("n8n's clock was wrong by up to an hour");
		const disturbances: Array<Promise<void>> = [];
		if (random() < 0.25) disturbances.push(outage());
		if (random() < 0.1) disturbances.push(jump());
		for (const { code, lockId, error } of (await engine.run(renewAll, credential)).json('Next')) {
			if (code === 0) {
				renewed++;
				continue;
			}
			failed++;
			service.count(`failed: ${String(error).replace(/^Lock "[^"]+" was not renewed: /, '')}`);
			if (typeof lockId === 'string' && !simulator.locks.isAlive(lockId)) {
				lost++;
				simulator.locks.create('100', lockId);
			}
		}
		mostConnections = Math.max(mostConnections, simulator.mostConnections);
		longestRound = Math.max(longestRound, simulator.clock.now() - began);
		await Promise.all(disturbances);
		simulator.clock.set(Math.max(began + ROUND, simulator.clock.now()));
		if (round % 30 !== 0) continue;
		const seconds = Math.round((Date.now() - started) / 1000);
		console.log(
			`  hour ${round / 15}: ${renewed} renewed, ${failed} failed, ${lost} lost (${seconds} s)`,
		);
	}
	await simulator.stop();
	console.log(service.toString());
	console.log(`Most connections at the same time: ${mostConnections}`);
	console.log(`Longest round: ${Math.round(longestRound / 1000)} simulated seconds`);
	console.log(`${renewed} renewals, ${failed} failed, ${lost} locks lost`);
	return failed === 0 && lost === 0;
}
