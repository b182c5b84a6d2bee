import type { IExecuteFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { keeper } from '../../dist/nodes/shared/keeper/keeper';
import { Engine, workflowOf } from '../engine';
import { HeldClock } from '../engine/heldClock';
import { KooDriveSimulator } from '../simulator';
import { SimulatedClock } from '../simulator/clock';
import type { Away } from './trouble';
import { drawFault, generator, WAYS_TO_BE_AWAY, whileAway } from './trouble';

/*
 * The soak of Keep Alive: hundreds of locks, kept alive by one step with the default options while the next takes a
 * simulated day. 5% of the requests fail, in some hours 20%; the service is away for 1 to 30 seconds some sixty times;
 * the machine's clock jumps. No lock may expire, and nothing may be left behind.
 *
 *     npm run soak:kept -- [seed] [locks] [hours]
 */

const [seed = Math.floor(Math.random() * 2 ** 31), LOCKS = 500, HOURS = 24] = process.argv
	.slice(2)
	.map(Number);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SLICE = MINUTE;

async function main(): Promise<number> {
	console.log(`Seed ${seed}: ${LOCKS} locks, kept alive for ${HOURS} simulated hours`);
	const chance = generator(seed);
	const simulator = await new KooDriveSimulator(new SimulatedClock(0)).start();
	simulator.keepsRequests = false;
	const { port } = new URL(simulator.endpoint);
	let [requests, failed, outages, jumps, faultRate] = [0, 0, 0, 0, 0.05];
	let away: Away | undefined;
	simulator.faultFor = () => {
		requests++;
		const fault = whileAway(away) ?? (chance() < faultRate ? drawFault(chance)[1] : undefined);
		if (fault !== undefined) failed++;
		return fault;
	};
	const clock = new HeldClock(simulator.clock);
	clock.chance = chance;
	const engine = await Engine.load();
	await engine.useClock(clock);

	async function outage(): Promise<void> {
		outages++;
		const way = WAYS_TO_BE_AWAY[Math.floor(chance() * WAYS_TO_BE_AWAY.length)]!;
		if (way === 'takes no connections') await simulator.stop();
		else away = way;
		await clock.pass((1 + chance() * 29) * SECOND);
		if (way === 'takes no connections') await simulator.start(Number(port));
		away = undefined;
	}

	let hasBegun = false;
	async function day(): Promise<void> {
		hasBegun = true;
		const began = Date.now();
		for (let minute = 1; minute <= HOURS * 60; minute++) {
			await clock.pass(SLICE);
			if (minute % 60 === 1) faultRate = chance() < 0.1 ? 0.2 : 0.05;
			if (chance() < 0.05) await outage();
			if (chance() < 0.02) {
				jumps++;
				clock.ahead = (chance() - 0.5) * 2 * HOUR;
			}
			if (minute % 120 !== 0) continue;
			const seconds = Math.round((Date.now() - began) / 1000);
			const alive = simulator.locks.alive.length;
			console.log(
				`  hour ${minute / 60}: ${requests} requests, ${alive} locks alive (${seconds} s)`,
			);
		}
	}

	const { description } = engine.nodeType('n8n-nodes-base.noOp');
	engine.addNode('n8n-nodes-base.noOp', {
		description,
		async execute(this: IExecuteFunctions) {
			await day();
			return [this.getInputData()];
		},
	});
	const { accessToken, userId } = simulator.account;
	const items = Array.from({ length: LOCKS }, () => ({ lockId: simulator.locks.create('100') }));
	// The node measures a try by the machine's time, and the held clock waits for a try no longer than 300 milliseconds.
	// The outages come on top of the hours, so that the default of a day would stop it before its end.
	const options = { timeout: 200, stopAfter: 2 * HOURS * 60 };
	const parameters = { operation: 'keepAlive', options };
	const credential = { endpoint: simulator.endpoint, accessToken, userId };
	const running = engine.run(workflowOf(items, parameters), credential);
	// The step that begins to keep them meets faults, too, and waits for its next tries.
	for (; !hasBegun; await sleep(10)) await clock.pass(SECOND);
	const { run } = await running;
	const lost = LOCKS - simulator.locks.alive.length;
	const left = keeper.held.kept + clock.asleep;
	await simulator.stop();
	console.log(`
${requests} requests, ${failed} of which failed; ${outages} outages of 1 to 30 seconds; ${jumps} jumps of the clock
${lost} of ${LOCKS} locks lost; ${left} left behind; the workflow ended with ${run.status}. Seed ${seed}.`);
	return lost === 0 && left === 0 && run.status === 'success' ? 0 : 1;
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
