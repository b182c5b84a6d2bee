import type { IExecuteFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import { Engine, workflowOf } from '../engine';
import { onTask } from './processes';
import { spread } from './row';
import type { Prepared } from './server';
import { MIB } from './units';

/*
 * Locks that Keep Alive renews in the background, in a separate process: what that costs, and how much it slows down
 * another workflow.
 */

/** What it's told. */
interface LeasesTask extends Prepared {
	/** How long the locks are kept alive. */
	seconds: number;
}

/** What it measured. */
export interface LeasesMeasured {
	/** The share of one core, from 0 to 1, that the leases take. */
	cpu: number;
	/** Mebibytes that the leases take, and of the whole process. */
	memory: number;
	wholeMemory: number;
	/** A small workflow that runs ten times a second: before there are leases, and at the same time. */
	alone: SmallWorkflow;
	beside: SmallWorkflow;
}

/** How long a small workflow takes, in milliseconds. */
interface SmallWorkflow {
	median: number;
	percentile99: number;
	most: number;
	/** The share of one core, from 0 to 1, that the whole process takes meanwhile. */
	wholeCpu: number;
}

const RENEW_EVERY = 200;

const small = workflowOf([{ a: 1 }]);
const smallWorkflow: WorkflowJson = {
	...small,
	nodes: small.nodes.filter(({ name }) => name !== 'KooDrive'),
	connections: {
		Trigger: small.connections.Trigger!,
		Items: { main: [[{ node: 'Next', type: 'main', index: 0 }]] },
	},
};

async function runSmallWorkflow(engine: Engine, seconds: number): Promise<SmallWorkflow> {
	const times: number[] = [];
	const [start, cpu] = [performance.now(), process.cpuUsage()];
	while (performance.now() - start < seconds * 1000) {
		const began = performance.now();
		await engine.run(smallWorkflow);
		times.push(performance.now() - began);
		await sleep(100);
	}
	const { user, system } = process.cpuUsage(cpu);
	times.sort((one, other) => one - other);
	return {
		median: spread(times).median,
		percentile99: times[Math.floor(times.length * 0.99)]!,
		most: times.at(-1)!,
		wholeCpu: (user + system) / 1000 / (performance.now() - start),
	};
}

async function measure(task: LeasesTask): Promise<LeasesMeasured> {
	const engine = await Engine.load();
	let release = () => undefined as void;
	const held = new Promise<void>((resolve) => (release = resolve));
	let begun = () => undefined as void;
	const isKept = new Promise<void>((resolve) => (begun = resolve));
	const { description } = engine.nodeType('n8n-nodes-base.noOp');
	engine.addNode('n8n-nodes-base.noOp', {
		description,
		async execute(this: IExecuteFunctions) {
			// The small workflow has only one item, so it isn't held.
			if (this.getInputData().length > 1) {
				begun();
				await held;
			}
			return [this.getInputData()];
		},
	});
	await runSmallWorkflow(engine, 3);
	const alone = await runSmallWorkflow(engine, 15);
	const before = process.memoryUsage().rss / MIB;
	const items = task.lockIds.map((lockId) => ({ lockId }));
	const workflow = workflowOf(items, {
		operation: 'keepAlive',
		options: { renewEvery: RENEW_EVERY },
	});
	const { accessToken, userId } = task.account;
	const running = engine.run(workflow, { endpoint: task.endpoint, accessToken, userId });
	await Promise.race([isKept, running]);
	const beside = await runSmallWorkflow(engine, task.seconds);
	const wholeMemory = process.memoryUsage().rss / MIB;
	release();
	const { run } = await running;
	if (run.status !== 'success') throw new Error(String(run.data.resultData.error?.message));
	return {
		cpu: beside.wholeCpu - alone.wholeCpu,
		memory: wholeMemory - before,
		wholeMemory,
		alone,
		beside,
	};
}

onTask(measure);
