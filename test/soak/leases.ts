import type { IExecuteFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { leaseRegistry } from '#dist/nodes/shared/leases/leaseRegistry';
import { Engine, workflowOf } from '../engine';
import { FakeClock } from '../engine/fakeClock';
import { SimulatedClock } from '../simulator/clock';
import type { SoakOptions } from '.';
import { UnreliableKooDrive } from './unreliable';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Hundreds of locks, kept alive by one node with the default options while the next node takes a simulated day.
 *
 * @returns whether no lock expired, and nothing was left at the end
 */
export async function leases({ random, locks = 500, hours }: SoakOptions): Promise<boolean> {
	const service = await UnreliableKooDrive.start(new SimulatedClock(0), random);
	const { simulator } = service;
	const clock = new FakeClock(simulator.clock, 'manual');
	clock.random = random;
	const engine = await Engine.load();
	await engine.useClock(clock);

	let hasBegun = false;
	async function day(): Promise<void> {
		hasBegun = true;
		const started = Date.now();
		for (let minute = 1; minute <= hours * 60; minute++) {
			await clock.advance(MINUTE);
			if (minute % 60 === 1) service.changeFaultRate();
			if (random() < 0.05) await service.goDown(async (time) => await clock.advance(time));
			if (random() < 0.02) {
				service.count("n8n's clock jumped by up to an hour");
				clock.ahead = (random() - 0.5) * 2 * HOUR;
			}
			if (minute % 120 !== 0) continue;
			const seconds = Math.round((Date.now() - started) / 1000);
			const alive = simulator.locks.alive.length;
			console.log(
				`  hour ${minute / 60}: ${service.requests} requests, ${alive} locks alive (${seconds} s)`,
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
	const items = Array.from({ length: locks }, () => ({ lockId: simulator.locks.create('100') }));
	// The node measures the timeout in real time, and the clock waits 300 real milliseconds for an attempt.
	// Outages make the day longer, so the default of Stop After would end the leases before it's over.
	const options = { timeout: 200, stopAfter: 2 * hours * 60 };
	const parameters = { operation: 'keepAlive', options };
	const credential = { endpoint: simulator.endpoint, accessToken, userId };
	const running = engine.run(workflowOf(items, parameters), credential);
	// The first renewals fail at random, too, and wait for their next attempts.
	for (; !hasBegun; await sleep(10)) await clock.advance(SECOND);
	const { run } = await running;
	const lost = locks - simulator.locks.alive.length;
	const left = leaseRegistry.size.leases + clock.sleeping;
	await simulator.stop();
	console.log(service.toString());
	console.log(`${lost} of ${locks} locks lost, ${left} leases left, workflow: ${run.status}`);
	return lost === 0 && left === 0 && run.status === 'success';
}
