import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INode, INodeParameters } from 'n8n-workflow';

import { testDataTable, testKeepAlive } from '../compatibility/versions';
import type { WorkflowJson } from '../engine';
import { bytes } from '../engine/files';
import { example, EXAMPLES, withDevice, withFolder, withLocks } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { faults } from '../simulator';
import { until } from '../until';
import type { N8nServer } from './server';
import { startWithCredential } from './setup';
import type { StoredCredential, StoredExecution, StoredWorkflow } from './workflows';
import {
	activate,
	executionsOf,
	finished,
	importWorkflow,
	manualTrigger,
	run,
	sequence,
} from './workflows';

/* Each example, imported and executed in a real n8n that stores binary data in files. */

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;
let deviceId: string;
/** The folder that n8n may read and write by default, and what the examples read and write there. */
let folder: string;
let documents: string;
let restored: string;

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential({
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
	}));
	({ deviceId } = simulator.devices.bind('machine', 'file-server-1', 'Linux'));
	folder = join(server.userFolder, '.n8n-files');
	documents = join(folder, 'documents');
	restored = join(folder, 'restored');
});

beforeEach(() => {
	rmSync(folder, { recursive: true, force: true });
	for (const path of [documents, restored]) mkdirSync(path, { recursive: true });
	simulator.requests.length = 0;
	simulator.records.records.clear();
	simulator.faultFor = () => undefined;
});

/** Imports an example as a user sets it up, with a last change. */
async function imported(
	name: string,
	change: (node: INode) => void = () => undefined,
	settings: WorkflowJson['settings'] = {},
): Promise<StoredWorkflow> {
	const workflow = example(name);
	return await importWorkflow(
		server,
		{ ...workflow, settings: { ...workflow.settings, ...settings } },
		credential,
		(node) => {
			withDevice(deviceId)(node);
			withFolder(folder)(node);
			change(node);
		},
	);
}

async function runExample(
	name: string,
	change?: (node: INode) => void,
): Promise<StoredExecution & { error: string | undefined }> {
	const execution = await run(server, await imported(name, change));
	return { ...execution, error: execution.data.resultData.error?.message };
}

const methods = () => simulator.requests.map(({ method }) => method);
const records = () => [...simulator.records.records.values()];

function failCompletion(): void {
	simulator.faultFor = ({ method, target }) =>
		method === 'PATCH' && target.includes('/record/')
			? faults.code(13000311, 'not enough space', 400)
			: undefined;
}

function everySecond(node: INode): void {
	if (!node.type.endsWith('.scheduleTrigger')) return;
	node.parameters = { rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } };
}

test.each(EXAMPLES)('%s contains no credential', (name) => {
	expect(JSON.stringify(example(name).nodes)).not.toContain('credentials');
});

describe('nightly-backup', () => {
	const FILES = { 'a.txt': bytes(10), 'b.bin': bytes(9_000_000, 2), 'empty.txt': Buffer.alloc(0) };
	beforeEach(() => {
		for (const [name, content] of Object.entries(FILES)) {
			writeFileSync(join(documents, name), content);
		}
	});

	test('backs up files that restore-a-backup restores, byte for byte', async () => {
		const backup = await runExample('nightly-backup');
		expect(backup.error).toBeUndefined();
		expect(backup.json('Back up files')).toMatchObject([{ status: 1, files: 3, bytes: 9_000_010 }]);
		expect(simulator.locks.alive).toEqual([]);
		const { error, json } = await runExample('restore-a-backup');
		expect(error).toBeUndefined();
		expect(json('Restore backup')).toMatchObject([
			{ fileName: 'a.txt', path: `${documents.slice(1)}/a.txt`, size: 10 },
			{ fileName: 'b.bin' },
			{ fileName: 'empty.txt' },
		]);
		expect(readdirSync(restored).sort()).toEqual(Object.keys(FILES));
		for (const [name, content] of Object.entries(FILES)) {
			expect(readFileSync(join(restored, name)).equals(content)).toBe(true);
		}
	});

	test('keeps seven backups of the device', async () => {
		for (let day = 1; day <= 8; day++) {
			const createTime = `2026-01-0${day}T02:00:00Z`;
			for (const device of [deviceId, 'another']) {
				simulator.records.create('100', device, { status: 1, createTime });
			}
		}
		const { error, json } = await runExample('nightly-backup');
		expect(error).toBeUndefined();
		expect(json('Delete old backups')).toMatchObject([
			{
				deleted: 2,
				deletedRecords: [
					{ createTime: '2026-01-01T02:00:00Z' },
					{ createTime: '2026-01-02T02:00:00Z' },
				],
			},
		]);
		expect(records()).toHaveLength(7 + 8);
	});

	test('fails without files', async () => {
		rmSync(documents, { recursive: true });
		const { error } = await runExample('nightly-backup');
		expect(error).toContain('the previous node found no files');
		expect(methods()).toEqual([]);
	});

	test('starts backup-failed with the cause when it fails, and leaves no record and no lock', async () => {
		const errors = await imported('backup-failed');
		await activate(server, errors);
		failCompletion();
		const failing = await imported('nightly-backup', everySecond, { errorWorkflow: errors.id });
		await activate(server, failing);
		let ids: string[] = [];
		await until('the error workflow has begun', async () => {
			ids = await executionsOf(server, errors);
			return ids.length > 0;
		});
		await server.post(`/workflows/${failing.id}/deactivate`, {});
		const execution = await finished(server, ids.at(-1)!);
		const [message] = execution.json('Send Email');
		expect(message!.subject).toBe('Failed: Back up files to KooDrive every night');
		for (const words of ['not enough space', 'Node: Back up files', 'Execution: http']) {
			expect(message!.text).toContain(words);
		}
		await until('nothing is left', () => records().length + simulator.locks.alive.length === 0);
	});
});

test('backup-failed can be tried out', async () => {
	const { error, json } = await runExample('backup-failed');
	expect(error).toBeUndefined();
	expect(json('Send Email')).toMatchObject([{ subject: 'Failed: Example Workflow' }]);
});

describe('backup-with-own-steps', () => {
	testKeepAlive('completes a record with a file, and releases the lock at the end', async () => {
		expect((await runExample('backup-with-own-steps')).error).toBeUndefined();
		const [record] = records();
		expect(record).toMatchObject({ status: 1, deviceInfo: { deviceId } });
		const [file] = simulator.records.files.get(record!.recordId)!;
		expect(file!.fileName).toBe('orders.json');
		expect(simulator.locks.alive).toEqual([]);
	});

	testKeepAlive('fails with the cause, and releases the lock, when a node fails', async () => {
		const { error } = await runExample('backup-with-own-steps', (node) => {
			if (node.name !== 'Your nodes') return;
			Object.assign(node, { type: 'n8n-nodes-base.stopAndError', typeVersion: 1 });
			node.parameters = { errorMessage: 'the database is unavailable' };
		});
		expect(error).toBe('the database is unavailable');
		expect(records()).toMatchObject([{ status: 0 }]);
		await until('the lock is released', () => simulator.locks.alive.length === 0);
	});
});

test('last-good-backup shows its message when it is executed in the editor', async () => {
	const createTime = new Date(Date.now() - 30 * 3_600_000).toISOString();
	const { recordId } = simulator.records.create('100', deviceId, { status: 1, createTime });
	const { error, json } = await runExample('last-good-backup');
	expect(error).toBeUndefined();
	expect(json('Send Email')).toMatchObject([
		{ text: expect.stringContaining(`30 hours ago (record ${recordId})`) as string },
	]);
});

test('backup-lock-lifecycle creates, renews and releases', async () => {
	expect((await runExample('backup-lock-lifecycle')).error).toBeUndefined();
	expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
	const [, renew, release] = simulator.requests.map(({ headers }) => headers['x-backup-lock-id']);
	expect(renew).toMatch(/@100$/);
	expect(release).toBe(renew);
});

test('renew-backup-lock renews one lock', async () => {
	const lockId = simulator.locks.create('102');
	const { error, json } = await runExample('renew-backup-lock', withLocks(lockId));
	expect(error).toBeUndefined();
	expect(json('Next node')).toEqual([{ code: 0, msg: 'success' }]);
	expect(simulator.requests.at(-1)!.headers['x-backup-lock-id']).toBe(lockId);
	simulator.locks.release(lockId);
});

test('renew-many-locks renews the existing locks and reports the others', async () => {
	const lockIds = [simulator.locks.create('100'), 'gone@100', simulator.locks.create('101')];
	const { error, json } = await runExample('renew-many-locks', withLocks(JSON.stringify(lockIds)));
	expect(error).toBeUndefined();
	expect(json('Renewed').map(({ lockId }) => lockId)).toEqual([lockIds[0], lockIds[2]]);
	expect(json('Report')).toEqual([
		{
			lockId: 'gone@100',
			problem: expect.stringContaining('Lock "gone@100" was not renewed') as string,
			whatToDo: expect.stringContaining('Start the backup again') as string,
		},
	]);
	for (const lockId of lockIds) simulator.locks.release(lockId);
});

describe('keep-token-alive', () => {
	const runWithSimulator = async () =>
		await runExample('keep-token-alive', ({ type, parameters }) => {
			if (!type.endsWith('.httpRequest')) return;
			parameters.url = `${simulator.endpoint}/koodrive/ose/v1/session/auth`;
		});

	test('asks for the session with the credential', async () => {
		expect((await runWithSimulator()).error).toBeUndefined();
		expect(simulator.requests).toMatchObject([{ target: '/koodrive/ose/v1/session/auth' }]);
	});

	test.each([401, 403])('fails after HTTP %d', async (status) => {
		simulator.faultFor = () => faults.status(status);
		expect((await runWithSimulator()).error).toContain('access token has expired');
	});

	test.each([429, 503])('is not alarmed by HTTP %d', async (status) => {
		simulator.faultFor = () => faults.status(status);
		expect((await runWithSimulator()).error).toBeUndefined();
	});
});

testDataTable(
	'locks-in-a-data-table renews the locks in the table and removes those that have expired',
	async () => {
		const locks = await imported('locks-in-a-data-table');
		// Other workflows can call a workflow once it's published.
		await activate(server, locks);
		const [alive, gone] = [simulator.locks.create('100'), 'gone@100'];
		for (const lockId of [alive, gone]) {
			const added = await run(
				server,
				await importWorkflow(server, passingLock(lockId, locks.id), credential),
			);
			expect(added.data.resultData.error?.message).toBeUndefined();
		}
		for (const expected of [[alive, gone], [alive]]) {
			simulator.requests.length = 0;
			expect((await run(server, locks)).data.resultData.error?.message).toBeUndefined();
			expect(simulator.requests.map(({ headers }) => headers['x-backup-lock-id'])).toEqual(
				expected,
			);
		}
		await server.post(`/workflows/${locks.id}/deactivate`, {});
	},
);

/** A workflow that passes a lock to another one. */
function passingLock(lockId: string, workflowId: string): WorkflowJson {
	const parameters = {
		workflowId: { __rl: true, mode: 'id', value: workflowId },
		workflowInputs: { mappingMode: 'defineBelow', value: { lockId } },
		options: {},
	} as unknown as INodeParameters;
	const call = { type: 'n8n-nodes-base.executeWorkflow', typeVersion: 1.2, parameters };
	return sequence(lockId, [manualTrigger, call]);
}
