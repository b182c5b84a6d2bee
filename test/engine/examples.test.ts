import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { WorkflowJson } from './';
import { faults, KooDriveSimulator } from '../simulator';
import { Engine } from './';

let simulator: KooDriveSimulator;
let engine: Engine;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	engine = await Engine.load();
});
afterEach(async () => await simulator.stop());

async function run(name: string, locks?: unknown) {
	const file = resolve(__dirname, '../../examples', `${name}.json`);
	const workflow = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
	for (const node of workflow.nodes) {
		if (node.name !== 'Lock' && node.name !== 'Locks') continue;
		const { assignments } = node.parameters.assignments as {
			assignments: Array<{ value: unknown }>;
		};
		assignments[0]!.value = locks;
	}
	const { accessToken, userId } = simulator.account;
	return await engine.run(workflow, { endpoint: simulator.endpoint, accessToken, userId });
}

const methods = () => simulator.requests.map(({ method }) => method);

test('one lock is renewed, and the next step receives the answer', async () => {
	const { json } = await run('renew-backup-lock', simulator.locks.create('102'));
	expect(json('Next step')).toEqual([{ code: 0, msg: 'success' }]);
});

test('of a list of locks, those that failed are reported with what to do', async () => {
	const lockIds = [simulator.locks.create('100'), 'gone@100', simulator.locks.create('101')];
	const { json } = await run('renew-many-locks', lockIds);
	expect(json('Renewed').map(({ lockId }) => lockId)).toEqual([lockIds[0], lockIds[2]]);
	expect(json('Report')).toMatchObject([{ lockId: 'gone@100' }]);
});

test('a long backup renews its lock after each step', async () => {
	const { run: finished } = await run('renew-during-long-backup', simulator.locks.create('102'));
	expect(finished.status).toBe('success');
	expect(methods()).toEqual(['PATCH', 'PATCH']);
});

test('a lock lives from its creation to its release', async () => {
	const { run: finished } = await run('backup-lock-lifecycle');
	expect(finished.status).toBe('success');
	expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
	expect(simulator.locks.alive).toEqual([]);
});

test('a lock is released after a failure, too, and the failure is not hidden', async () => {
	simulator.faultFor = ({ method }) =>
		method === 'PATCH' ? faults.code(13000311, 'not enough space', 400) : undefined;
	const { run: finished } = await run('backup-lock-lifecycle');
	expect(finished.status).toBe('error');
	expect(finished.data.resultData.error?.message).toContain('The backup failed');
	expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
	expect(simulator.locks.alive).toEqual([]);
});
