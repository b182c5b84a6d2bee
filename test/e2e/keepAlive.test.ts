import type { IDataObject } from 'n8n-workflow';

import { KooDriveSimulator } from '../simulator';
import type { Step } from './keepAlive';
import {
	fail,
	keepingAlive,
	RENEW_EVERY,
	renew,
	sentFor,
	untilSilent,
	wait,
	waitForCall,
} from './keepAlive';
import { until } from '../until';
import { N8nServer } from './server';
import type { StoredCredential } from './workflows';
import {
	createCredential,
	credentialFor,
	finished,
	importWorkflow,
	NODE_TYPE,
	read,
	start,
} from './workflows';

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;

beforeAll(async () => {
	simulator = await new KooDriveSimulator().start();
	server = await N8nServer.prepare();
	await server.start();
	await server.signIn();
	credential = await createCredential(server, credentialFor(simulator));
});
afterAll(async () => {
	await server?.stop();
	await simulator.stop();
});

async function keep(
	steps: (lockId: string) => Step[],
	options: IDataObject = {},
	settings: IDataObject = {},
) {
	const lockId = simulator.locks.create('100');
	const workflow = await importWorkflow(
		server,
		{ ...keepingAlive(lockId, steps(lockId), options), settings },
		credential,
	);
	const execution = await start(server, workflow);
	return {
		lockId,
		execution,
		methods: () => sentFor(simulator, lockId).map(({ method }) => method),
	};
}

async function untilAsleep(execution: string): Promise<void> {
	await until('n8n has put it to sleep', async () => {
		const { status } = await server.get<{ status: string }>(`/executions/${execution}`);
		return status === 'waiting';
	});
}

// The minutes of these pass side by side.
test.concurrent('a step of 40 seconds is bridged, and nothing is sent after the end', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(40)]);
	const { status, json } = await finished(server, execution);
	expect(status).toBe('success');
	expect(json('Keep the lock alive')).toEqual([{ code: 0, msg: 'success' }]);
	expect(await untilSilent(simulator, lockId)).toBe(true);
	expect(methods().length).toBeGreaterThanOrEqual(4);
	expect(methods().length).toBeLessThanOrEqual(6);
	expect(new Set(methods())).toEqual(new Set(['PATCH']));
});

test.concurrent('a workflow that fails ends the renewals and gives the lock back', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(12), fail], { releaseAtEnd: true });
	expect((await finished(server, execution)).status).toBe('error');
	expect(await untilSilent(simulator, lockId)).toBe(true);
	expect(methods()).toEqual(['PATCH', 'PATCH', 'DELETE']);
	expect(simulator.locks.isAlive(lockId)).toBe(false);
});

test.concurrent(
	'a lock that is lost is told by the next step that names it, and once by the log',
	async () => {
		const { lockId, execution, methods } = await keep((lock) => [wait(30), renew(lock)]);
		await until('there were renewals', () => methods().length >= 2);
		simulator.locks.release(lockId);
		const { data } = await finished(server, execution);
		const lost = `it was lost while it was kept alive, at ${new Date().toISOString().slice(0, 10)}`;
		expect(data.resultData.error?.message).toContain(lost);
		expect(data.resultData.error?.message).toContain('KooDrive does not know this lock any more');
		const lines = server.log
			.split('\n')
			.filter((line) => line.includes(`Lock "${lockId}" of execution`));
		expect(lines).toHaveLength(1);
		expect(lines[0]).toContain(lost);
	},
);

test.concurrent('in a sub-workflow it ends with the sub-workflow', async () => {
	const lockId = simulator.locks.create('100');
	const called = { type: 'n8n-nodes-base.executeWorkflowTrigger', parameters: {} };
	const inner = keepingAlive(lockId, [wait(15)], {}, called);
	for (const node of inner.nodes) {
		if (node.type === NODE_TYPE) node.credentials = { kooDriveApi: credential };
	}
	const call: Step = {
		type: 'n8n-nodes-base.executeWorkflow',
		typeVersion: 1,
		parameters: { source: 'parameter', workflowJson: JSON.stringify(inner) },
	};
	const { execution } = await keep(() => [call, wait(25)]);
	const { status } = await finished(server, execution);
	expect(status).toBe('success');
	const times = sentFor(simulator, lockId).map(({ at }) => at);
	expect(times).toHaveLength(2);
	expect(Date.now() - times.at(-1)!).toBeGreaterThan((RENEW_EVERY + 2) * 1000);
});

test.concurrent('a user who stops the workflow ends the renewals', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(60)]);
	await until('there were renewals', () => methods().length >= 2);
	await server.post(`/executions/${execution}/stop`, {});
	expect((await finished(server, execution)).status).toBe('canceled');
	expect(await untilSilent(simulator, lockId)).toBe(true);
});

test.concurrent(
	'a workflow that sleeps for 75 seconds keeps its lock alive, through what comes after, to its end',
	async () => {
		const { lockId, execution, methods } = await keep(
			(lock) => [wait(75), renew(lock), wait(25), renew(lock)],
			{ releaseAtEnd: true },
		);
		await untilAsleep(execution);
		expect((await finished(server, execution, 300_000)).status).toBe('success');
		const { length } = methods();
		expect(length).toBeGreaterThanOrEqual(10);
		expect(methods()).not.toContain('DELETE');
		// The end of an execution that has slept is found out by looking, once a minute.
		await until('the lock is given back', () => methods().includes('DELETE'), 150_000);
		expect(await untilSilent(simulator, lockId)).toBe(true);
	},
);

test.concurrent(
	'a workflow whose progress is saved keeps its lock alive while it runs on after a sleep',
	async () => {
		// For longer than a minute after the sleep, so that n8n's records are looked at then.
		const { lockId, execution } = await keep(
			() => [wait(70), wait(5), wait(60), wait(5)],
			{},
			{ saveExecutionProgress: true },
		);
		expect((await finished(server, execution, 350_000)).status).toBe('success');
		const ended = Date.now();
		const times = sentFor(simulator, lockId).map(({ at }) => at);
		const pauses = times.map((at, index) => (times[index + 1] ?? ended) - at);
		// One that is left out makes a pause of twice as long.
		expect(Math.max(...pauses)).toBeLessThan(2 * RENEW_EVERY * 1000);
	},
);

test.concurrent(
	'a workflow that sleeps for seconds only, until it is called, and then ends, lets its lock go',
	async () => {
		const { lockId, execution, methods } = await keep(() => waitForCall, { releaseAtEnd: true });
		await untilAsleep(execution);
		const [item] = (await read(server, execution)).json('Step 1');
		expect((await fetch(String(item?.resumeUrl))).status).toBe(200);
		expect((await finished(server, execution)).status).toBe('success');
		await until('the lock is given back', () => methods().includes('DELETE'), 150_000);
		expect(await untilSilent(simulator, lockId)).toBe(true);
	},
);

test.concurrent('a user who stops a workflow that sleeps ends the renewals', async () => {
	const { lockId, execution, methods } = await keep(() => [wait(300)], { releaseAtEnd: true });
	await untilAsleep(execution);
	// The sleep must have been seen before it ends.
	await until('it has been renewed for a minute', () => methods().length >= 8, 180_000);
	await server.post(`/executions/${execution}/stop`, {});
	await until('the lock is given back', () => methods().includes('DELETE'), 150_000);
	expect(await untilSilent(simulator, lockId)).toBe(true);
});
