import type { IDataObject } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import type { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import {
	fail,
	keepingAlive,
	release,
	RENEW_EVERY,
	renew,
	sentFor,
	isSilent,
	wait,
	waitForRequest,
} from './keepAlive';
import type { N8nServer } from './server';
import { startWithCredential } from './setup';
import type { NodeJson, StoredCredential } from './workflows';
import { finished, importWorkflow, NODE_TYPE, read, sequence, start } from './workflows';

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential());
});

async function keep(
	nodes: (lockId: string) => NodeJson[],
	options: IDataObject = {},
	settings: IDataObject = {},
) {
	const lockId = simulator.locks.create('100');
	const workflow = await importWorkflow(
		server,
		{ ...keepingAlive(lockId, nodes(lockId), options), settings },
		credential,
	);
	const execution = await start(server, workflow);
	return {
		lockId,
		execution,
		methods: () => sentFor(simulator, lockId).map(({ method }) => method),
	};
}

async function untilWaiting(execution: string): Promise<void> {
	await until('the execution waits', async () => {
		const { status } = await server.get<{ status: string }>(`/executions/${execution}`);
		return status === 'waiting';
	});
}

/** The trigger of a sub-workflow. */
const called = { type: 'n8n-nodes-base.executeWorkflowTrigger', parameters: {} };

/** Executes a sub-workflow. */
function executeWorkflow(inner: WorkflowJson): NodeJson {
	for (const node of inner.nodes) {
		if (node.type === NODE_TYPE) node.credentials = { kooDriveApi: credential };
	}
	return {
		type: 'n8n-nodes-base.executeWorkflow',
		typeVersion: 1,
		parameters: { source: 'parameter', workflowJson: JSON.stringify(inner) },
	};
}

// These take minutes, so they run at the same time.
test.concurrent(
	'keeps the lock alive during 40 seconds, and sends nothing after the end',
	async () => {
		const { lockId, execution, methods } = await keep(() => [wait(40)]);
		const { status, json } = await finished(server, execution);
		expect(status).toBe('success');
		expect(json('Keep the lock alive')).toEqual([{ code: 0, msg: 'success', lockId }]);
		expect(await isSilent(simulator, lockId)).toBe(true);
		expect(methods().length).toBeGreaterThanOrEqual(4);
		expect(methods().length).toBeLessThanOrEqual(6);
		expect(new Set(methods())).toEqual(new Set(['PATCH']));
	},
);

test.concurrent('stops renewing and releases the lock when the workflow fails', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(12), fail], { releaseAtEnd: true });
	expect((await finished(server, execution)).status).toBe('error');
	expect(await isSilent(simulator, lockId)).toBe(true);
	expect(methods()).toEqual(['PATCH', 'PATCH', 'DELETE']);
	expect(simulator.locks.isAlive(lockId)).toBe(false);
});

test.concurrent(
	'reports a lost lock in the next node that uses it, and once in the log',
	async () => {
		const { lockId, execution, methods } = await keep((lock) => [wait(30), renew(lock)]);
		await until('there were renewals', () => methods().length >= 2);
		simulator.locks.release(lockId);
		const { data } = await finished(server, execution);
		const lost = `it was lost at ${new Date().toISOString().slice(0, 10)}`;
		expect(data.resultData.error?.message).toContain(lost);
		expect(data.resultData.error?.message).toContain("the lock doesn't exist or has expired");
		const lines = server.log
			.split('\n')
			.filter((line) => line.includes(`Lock "${lockId}" of execution`));
		expect(lines).toHaveLength(1);
		expect(lines[0]).toContain(lost);
	},
);

test.concurrent('stops renewing in a sub-workflow when the sub-workflow ends', async () => {
	const lockId = simulator.locks.create('100');
	const call = executeWorkflow(keepingAlive(lockId, [wait(15)], {}, called));
	const { execution } = await keep(() => [call, wait(25)]);
	const { status } = await finished(server, execution);
	expect(status).toBe('success');
	const times = sentFor(simulator, lockId).map(({ at }) => at);
	expect(times).toHaveLength(2);
	expect(simulator.clock.monotonic() - times.at(-1)!).toBeGreaterThan((RENEW_EVERY + 2) * 1000);
});

test.concurrent('reports no loss of a lock that a sub-workflow has released', async () => {
	const lockId = simulator.locks.create('100');
	const call = executeWorkflow(sequence('release', [called, release(lockId)]));
	const workflow = await importWorkflow(server, keepingAlive(lockId, [call, wait(15)]), credential);
	const { status } = await finished(server, await start(server, workflow));
	expect(status).toBe('success');
	expect(sentFor(simulator, lockId).map(({ method }) => method)).toEqual(['PATCH', 'DELETE']);
	expect(server.log.split('\n').filter((line) => line.includes(`Lock "${lockId}"`))).toEqual([]);
});

test.concurrent('stops renewing when a user stops the workflow', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(60)]);
	await until('there were renewals', () => methods().length >= 2);
	await server.post(`/executions/${execution}/stop`, {});
	expect((await finished(server, execution)).status).toBe('canceled');
	expect(await isSilent(simulator, lockId)).toBe(true);
});

test.concurrent(
	'keeps the lock alive while the workflow waits for 75 seconds, and after that until it ends',
	async () => {
		const { lockId, execution, methods } = await keep(
			(lock) => [wait(75), renew(lock), wait(25), renew(lock)],
			{ releaseAtEnd: true },
		);
		await untilWaiting(execution);
		expect((await finished(server, execution, 300_000)).status).toBe('success');
		const { length } = methods();
		expect(length).toBeGreaterThanOrEqual(10);
		expect(methods()).not.toContain('DELETE');
		// The end of an execution that has waited is noticed by a check once a minute.
		await until('the lock is released', () => methods().includes('DELETE'), 150_000);
		expect(await isSilent(simulator, lockId)).toBe(true);
	},
);

test.concurrent(
	'keeps the lock alive after a wait when the execution progress is saved',
	async () => {
		// For longer than a minute after the wait, so that n8n's execution data is checked then.
		const { lockId, execution } = await keep(
			() => [wait(70), wait(5), wait(60), wait(5)],
			{},
			{ saveExecutionProgress: true },
		);
		expect((await finished(server, execution, 350_000)).status).toBe('success');
		const ended = simulator.clock.monotonic();
		const times = sentFor(simulator, lockId).map(({ at }) => at);
		const pauses = times.map((at, index) => (times[index + 1] ?? ended) - at);
		// A renewal that is left out doubles the pause.
		expect(Math.max(...pauses)).toBeLessThan(2 * RENEW_EVERY * 1000);
	},
);

test.concurrent(
	'releases the lock when the workflow ends soon after a wait for a request',
	async () => {
		const { lockId, execution, methods } = await keep(() => waitForRequest, { releaseAtEnd: true });
		await untilWaiting(execution);
		const [item] = (await read(server, execution)).json('Get the address');
		expect((await fetch(String(item?.resumeUrl))).status).toBe(200);
		expect((await finished(server, execution)).status).toBe('success');
		await until('the lock is released', () => methods().includes('DELETE'), 150_000);
		expect(await isSilent(simulator, lockId)).toBe(true);
	},
);

test.concurrent('stops renewing when a user stops a workflow that waits', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(300)], { releaseAtEnd: true });
	await untilWaiting(execution);
	// The wait must have been noticed before it ends.
	await until('it has been renewed for a minute', () => methods().length >= 8, 180_000);
	await server.post(`/executions/${execution}/stop`, {});
	await until('the lock is released', () => methods().includes('DELETE'), 150_000);
	expect(await isSilent(simulator, lockId)).toBe(true);
});
