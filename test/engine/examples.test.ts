import { resolve } from 'node:path';

import { changed, example, withLocks } from '../examples';
import { faults, KooDriveSimulator } from '../simulator';
import { Engine } from '.';

let simulator: KooDriveSimulator;
let engine: Engine;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	engine = await Engine.load();
});
afterEach(async () => await simulator.stop());

async function run(name: string, locks?: unknown, folder?: string) {
	const { accessToken, userId } = simulator.account;
	return await engine.run(changed(example(name, folder), withLocks(locks)), {
		endpoint: simulator.endpoint,
		accessToken,
		userId,
	});
}

const methods = () => simulator.requests.map(({ method }) => method);

// A workflow that somebody saved must run on as it did: these are the examples of 0.1.0, as they were.
const SAVED = resolve(__dirname, '../fixtures/workflows-0.1.0');

describe.each([
	['the examples', undefined],
	['workflows saved with 0.1.0', SAVED],
])('%s', (_which, folder) => {
	test('one lock is renewed, and the next step receives the answer', async () => {
		const { json } = await run('renew-backup-lock', simulator.locks.create('102'), folder);
		expect(json('Next step')).toEqual([{ code: 0, msg: 'success' }]);
	});

	test('of a list of locks, those that failed are reported with what to do', async () => {
		const lockIds = [simulator.locks.create('100'), 'gone@100', simulator.locks.create('101')];
		const { json } = await run('renew-many-locks', lockIds, folder);
		expect(json('Renewed').map(({ lockId }) => lockId)).toEqual([lockIds[0], lockIds[2]]);
		expect(json('Report')).toMatchObject([{ lockId: 'gone@100' }]);
	});

	test('a lock lives from its creation to its release', async () => {
		const { run: finished } = await run('backup-lock-lifecycle', undefined, folder);
		expect(finished.status).toBe('success');
		expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
		expect(simulator.locks.alive).toEqual([]);
	});

	test('a lock is released after a failure, too, and the failure is not hidden', async () => {
		simulator.faultFor = ({ method }) =>
			method === 'PATCH' ? faults.code(13000311, 'not enough space', 400) : undefined;
		const { run: finished } = await run('backup-lock-lifecycle', undefined, folder);
		expect(finished.status).toBe('error');
		expect(finished.data.resultData.error?.message).toContain('The backup failed');
		expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
		expect(simulator.locks.alive).toEqual([]);
	});
});

test('a workflow of 0.1.0 that renews its lock after each step runs on', async () => {
	const lockId = simulator.locks.create('102');
	const { run: finished } = await run('renew-during-long-backup', lockId, SAVED);
	expect(finished.status).toBe('success');
	expect(methods()).toEqual(['PATCH', 'PATCH']);
});

test('a lock is kept alive during a backup and released at its end', async () => {
	const { run: finished } = await run('keep-alive-during-backup');
	expect(finished.status).toBe('success');
	expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
	expect(simulator.locks.alive).toEqual([]);
});

test('a nightly backup leaves a completed record and no lock', async () => {
	const { run: finished } = await run('nightly-backup');
	expect(finished.status).toBe('success');
	expect(methods()).toEqual(['POST', 'PATCH', 'POST', 'PATCH', 'DELETE']);
	expect([...simulator.records.records.values()]).toMatchObject([
		{ status: 1, deviceInfo: { deviceId: 'file-server-1' } },
	]);
	expect(simulator.locks.alive).toEqual([]);
});

test('a nightly backup that fails gives the lock back and is not hidden', async () => {
	simulator.faultFor = ({ method, target }) =>
		method === 'PATCH' && target.includes('/record/')
			? faults.code(13000311, 'not enough space', 400)
			: undefined;
	const { run: finished } = await run('nightly-backup');
	expect(finished.status).toBe('error');
	expect(finished.data.resultData.error?.message).toContain('The backup failed');
	expect(methods().at(-1)).toBe('DELETE');
	expect(simulator.locks.alive).toEqual([]);
});
