import type { IExecuteFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import { Engine, workflowOf } from '../engine';
import { spread } from './row';
import type { Prepared } from './server';

/*
 * Locks that are kept alive in the background, in a process of its own: what they cost while nothing else is done,
 * and what they do to a workflow that runs beside them.
 */

/** What it is told. */
export interface KeepTask extends Prepared {
	/** How long they are kept alive and watched. */
	seconds: number;
}

/** What it measured. */
export interface KeptMeasured {
	/** The share of one core, from 0 to 1, that the kept locks take. */
	cpu: number;
	/** Mebibytes that the kept locks take, and of the process in all. */
	memory: number;
	wholeMemory: number;
	/** Milliseconds of a small workflow that is run ten times a second: before the locks, and beside them. */
	alone: Beside;
	beside: Beside;
}

/** How long a small workflow takes, in milliseconds. */
export interface Beside {
	median: number;
	/** 99 of 100 take no longer. */
	percentile99: number;
	most: number;
	/** The share of one core, from 0 to 1, of the whole process meanwhile. */
	wholeCpu: number;
}

const MEBIBYTE = 1024 * 1024;
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

async function watch(engine: Engine, seconds: number): Promise<Beside> {
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

async function measure(task: KeepTask): Promise<KeptMeasured> {
	const engine = await Engine.load();
	let release = () => undefined as void;
	const held = new Promise<void>((resolve) => (release = resolve));
	let begun = () => undefined as void;
	const isKept = new Promise<void>((resolve) => (begun = resolve));
	const { description } = engine.nodeType('n8n-nodes-base.noOp');
	engine.addNode('n8n-nodes-base.noOp', {
		description,
		async execute(this: IExecuteFunctions) {
			// The small workflow has no more than one item, and passes.
			if (this.getInputData().length > 1) {
				begun();
				await held;
			}
			return [this.getInputData()];
		},
	});
	await watch(engine, 3);
	const alone = await watch(engine, 15);
	const before = process.memoryUsage().rss / MEBIBYTE;
	const items = task.lockIds.map((lockId) => ({ lockId }));
	const workflow = workflowOf(items, {
		operation: 'keepAlive',
		options: { renewEvery: RENEW_EVERY },
	});
	const { accessToken, userId } = task.account;
	const running = engine.run(workflow, { endpoint: task.endpoint, accessToken, userId });
	await Promise.race([isKept, running]);
	const beside = await watch(engine, task.seconds);
	const wholeMemory = process.memoryUsage().rss / MEBIBYTE;
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

process.once('message', (task: KeepTask) => {
	measure(task).then(
		(measured) => process.send?.(measured, () => process.exit(0)),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
