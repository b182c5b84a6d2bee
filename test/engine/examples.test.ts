import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import type { IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';

import { testKeepAlive } from '../compatibility/versions';
import { changed, example, EXAMPLES, withDevice, withFolder, withLocks } from '../examples';
import type { RecordedRequest } from '../simulator';
import { faults, KooDriveSimulator } from '../simulator';
import { BACKUP_NODE_TYPE, Engine, NODE_TYPE, TRIGGER_NODE_TYPE } from '.';
import { bytes } from './files';
import { standIns } from './standIns';

let simulator: KooDriveSimulator;
let engine: Engine;
let deviceId: string;
let folder: string;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	engine = await Engine.load();
	({ deviceId } = simulator.devices.bind('machine', 'file-server-1', 'Linux'));
	folder = mkdtempSync(join(tmpdir(), 'files-'));
	for (const name of ['documents', 'restored']) mkdirSync(join(folder, name));
});
afterEach(async () => {
	rmSync(folder, { recursive: true });
	await simulator.stop();
});

/** Runs an example as a user has set it up, with a last change. */
async function run(
	name: string,
	change: (node: INode) => void = () => undefined,
	examples?: string,
) {
	const { accessToken, userId } = simulator.account;
	const workflow = changed(example(name, examples), (node) => {
		withDevice(deviceId)(node);
		withFolder(folder)(node);
		change(node);
	});
	return await engine.run(workflow, { endpoint: simulator.endpoint, accessToken, userId });
}

const methods = () => simulator.requests.map(({ method }) => method);
const records = () => [...simulator.records.records.values()];

function fail(shouldFail: (request: RecordedRequest) => boolean): void {
	simulator.faultFor = (request) =>
		shouldFail(request) ? faults.code(13000311, 'not enough space', 400) : undefined;
}

/** Writes files into the folder that the examples read, by their paths. */
function writeFiles(files: Record<string, Buffer>): void {
	for (const [path, content] of Object.entries(files)) {
		const file = join(folder, 'documents', path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, content);
	}
}

// Saved workflows must run unchanged: these are the examples of 0.1.0.
const SAVED = resolve(__dirname, '../fixtures/workflows-0.1.0');

describe.each([
	['the examples', undefined, 'Next node'],
	['workflows saved with 0.1.0', SAVED, 'Next step'],
])('%s', (_which, examples, next) => {
	test('renew one lock and pass the response to the next node', async () => {
		const lockId = simulator.locks.create('102');
		const { json } = await run('renew-backup-lock', withLocks(lockId), examples);
		expect(json(next)).toEqual([{ code: 0, msg: 'success' }]);
	});

	test('report the locks of a list that were not renewed', async () => {
		const lockIds = [simulator.locks.create('100'), 'gone@100', simulator.locks.create('101')];
		const { json } = await run('renew-many-locks', withLocks(lockIds), examples);
		expect(json('Renewed').map(({ lockId }) => lockId)).toEqual([lockIds[0], lockIds[2]]);
		expect(json('Report')).toMatchObject([{ lockId: 'gone@100' }]);
	});

	test('create, renew and release a lock', async () => {
		const { run: finished } = await run('backup-lock-lifecycle', undefined, examples);
		expect(finished.status).toBe('success');
		expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
		expect(simulator.locks.alive).toEqual([]);
	});
});

describe('workflows saved with 0.1.0', () => {
	test('release a lock after a failure without hiding it', async () => {
		fail(({ method }) => method === 'PATCH');
		const { run: finished } = await run('backup-lock-lifecycle', undefined, SAVED);
		expect(finished.status).toBe('error');
		expect(finished.data.resultData.error?.message).toContain('The backup failed');
		expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
		expect(simulator.locks.alive).toEqual([]);
	});

	test('renew their lock after each node', async () => {
		const lockId = simulator.locks.create('102');
		const { run: finished } = await run('renew-during-long-backup', withLocks(lockId), SAVED);
		expect(finished.status).toBe('success');
		expect(methods()).toEqual(['PATCH', 'PATCH']);
	});
});

describe('all examples', () => {
	const ours = [NODE_TYPE, BACKUP_NODE_TYPE, TRIGGER_NODE_TYPE];

	test.each(EXAMPLES)('%s relies on no error output of nodes from other packages', (name) => {
		const others = example(name).nodes.filter(({ type }) => !ours.includes(type));
		expect(others.filter(({ onError }) => onError !== undefined)).toEqual([]);
	});

	test.each(EXAMPLES)('%s names the nodes as n8n does', (name) => {
		for (const { type, name: nodeName, parameters } of example(name).nodes) {
			if (!ours.includes(type)) continue;
			if (type === TRIGGER_NODE_TYPE) {
				expect(nodeName).toBe(engine.nodeType(type).description.defaults.name);
				continue;
			}
			const actions = engine
				.nodeType(type)
				.description.properties.filter(({ name: property, displayOptions }) => {
					const shownFor = displayOptions?.show?.resource;
					return (
						property === 'operation' &&
						(shownFor?.includes(String(parameters.resource ?? 'lock')) ?? true)
					);
				})
				.flatMap(({ options = [] }) => options as Array<{ value: string; action: string }>);
			const { action } = actions.find(({ value }) => value === parameters.operation)!;
			expect(nodeName).toBe(action);
		}
	});

	test.each(EXAMPLES)('%s connects each node, and explains itself in a note', (name) => {
		const { nodes, connections } = example(name);
		const notes = nodes.filter(({ type }) => type.endsWith('.stickyNote'));
		expect(notes.length).toBeGreaterThan(0);
		const targets = Object.values(connections).flatMap(({ main = [] }) =>
			main.flatMap((output) => (output ?? []).map(({ node }) => node)),
		);
		for (const node of nodes) {
			const isStart = /note|trigger/i.test(node.type);
			expect(isStart || targets.includes(node.name) ? undefined : node.name).toBeUndefined();
		}
	});
});

describe('nightly-backup', () => {
	const FILES = { 'a.txt': bytes(10), 'reports/b.bin': bytes(70_000, 2) };

	test('backs up all files of the folder, and releases its lock', async () => {
		writeFiles(FILES);
		const { run: finished, json } = await run('nightly-backup');
		expect(finished.data.resultData.error?.message).toBeUndefined();
		expect(json('Back up files')).toMatchObject([{ status: 1, files: 2, bytes: 70_010 }]);
		expect(records()).toMatchObject([{ status: 1, deviceInfo: { deviceId } }]);
		expect(simulator.locks.alive).toEqual([]);
	});

	test('can report success, also if no old backup was deleted', async () => {
		writeFiles(FILES);
		const { json } = await run('nightly-backup', (node) => {
			if (node.name === 'Report success') node.disabled = false;
		});
		expect(json('Report success')).toEqual([
			{
				subject: 'Succeeded: Back up files to KooDrive every night',
				text: 'Backed up files: 2\nDeleted old backups: 0\nKept backups: 1',
			},
		]);
	});

	test('deletes the old backups of its device, and of no other', async () => {
		writeFiles(FILES);
		const other = simulator.devices.bind('other', 'file-server-2', 'Linux').deviceId;
		for (const device of [deviceId, other]) {
			for (let day = 1; day <= 8; day++) {
				simulator.records.create('100', device, {
					status: 1,
					createTime: `2026-01-0${day}T02:00Z`,
				});
			}
		}
		const { json } = await run('nightly-backup');
		expect(json('Delete old backups')).toMatchObject([
			{
				deviceId,
				deleted: 2,
				kept: 7,
				deletedRecords: [{ createTime: '2026-01-01T02:00Z' }, { createTime: '2026-01-02T02:00Z' }],
			},
		]);
		expect(records()).toHaveLength(7 + 8);
	});

	test('fails without files, and creates nothing', async () => {
		const { run: finished } = await run('nightly-backup');
		expect(finished.data.resultData.error?.message).toContain('found no files');
		expect(methods()).toEqual([]);
	});

	test('fails with the cause, leaves no record and no lock, and deletes no old backup', async () => {
		writeFiles(FILES);
		fail(({ method, target }) => method === 'PATCH' && target.includes('/record/'));
		const { run: finished, json } = await run('nightly-backup');
		expect(finished.data.resultData.error?.message).toContain('not enough space');
		expect(json('Delete old backups')).toEqual([]);
		expect(records()).toEqual([]);
		expect(simulator.locks.alive).toEqual([]);
	});

	test('is what restore-a-backup restores, byte for byte', async () => {
		writeFiles(FILES);
		await run('nightly-backup');
		const { run: finished } = await run('restore-a-backup');
		expect(finished.data.resultData.error?.message).toBeUndefined();
		const restored = join(folder, 'restored');
		expect(readdirSync(restored).sort()).toEqual(['a.txt', 'b.bin']);
		expect(readFileSync(join(restored, 'a.txt'))).toEqual(FILES['a.txt']);
		expect(readFileSync(join(restored, 'b.bin'))).toEqual(FILES['reports/b.bin']);
	});
});

describe('backup-failed', () => {
	async function message(output: IDataObject): Promise<IDataObject | undefined> {
		engine.addNode('n8n-nodes-base.errorTrigger', {
			description: standIns['n8n-nodes-base.errorTrigger']!.description,
			execute: async () => [[{ json: output }]],
		});
		// The node with the email is deactivated, so it passes on what it gets.
		return (await run('backup-failed')).json('Send Email')[0];
	}

	test('says which workflow failed, why, and what to do', async () => {
		const error = { message: 'The backup failed', description: 'Run it again.' };
		const url = 'https://n8n.example/workflow/1/executions/7';
		const execution = { id: '7', url, error, lastNodeExecuted: 'Back up files', mode: 'trigger' };
		expect(await message({ execution, workflow: { id: '1', name: 'Nightly' } })).toEqual({
			subject: 'Failed: Nightly',
			text: `The backup failed\n\nRun it again.\n\nNode: Back up files\n\nExecution: ${url}`,
		});
	});

	test('says why a trigger failed', async () => {
		const trigger = { error: { message: 'The schedule is invalid' }, mode: 'trigger' };
		expect(await message({ trigger, workflow: { id: '1', name: 'Nightly' } })).toEqual({
			subject: 'Failed: Nightly',
			text: 'The schedule is invalid',
		});
	});
});

test('verify-backup says what it has checked', async () => {
	const { recordId } = simulator.records.create('100', deviceId, { status: 1 });
	simulator.files.add(recordId, { fileName: 'a', content: Buffer.from('content') });
	const [message] = (await run('verify-backup')).json('Send Email');
	expect(message!.subject).toBe('KooDrive backup is intact (files: 1)');
	expect(message!.text).toContain(`record ${recordId}`);
});

describe('last-good-backup', () => {
	const createBackup = (hours: number) =>
		simulator.records.create('100', deviceId, {
			status: 1,
			createTime: new Date(Date.now() - hours * 3_600_000).toISOString(),
		});

	/** What the node with the email, which is deactivated, passes on. */
	async function message(): Promise<unknown> {
		return (await run('last-good-backup')).json('Send Email')[0];
	}

	test('says of when the latest backup is', async () => {
		createBackup(50);
		const { recordId, createTime } = createBackup(30);
		expect(await message()).toEqual({
			subject: `KooDrive backup is overdue: device ${deviceId}`,
			text: `The latest completed backup was created at ${createTime}, 30 hours ago (record ${recordId}).\n\nCheck the executions of the workflow that makes the backup.`,
		});
	});

	test('says that there is none', async () => {
		const { text } = (await message()) as { text: string };
		expect(text).toContain('The device has no completed backup.');
	});

	test.each([
		[25, 0],
		[27, 1],
	])('starts for a backup of %d hours: %d times', async (hours, times) => {
		createBackup(hours);
		const { nodes } = changed(example('last-good-backup'), withDevice(deviceId));
		const { parameters } = nodes.find(({ type }) => type === TRIGGER_NODE_TYPE)!;
		const { accessToken, userId } = simulator.account;
		const credential = { endpoint: simulator.endpoint, accessToken, userId };
		const { poll } = await engine.startPolling(parameters, credential, {}, 'activate');
		expect((await poll()) ?? []).toHaveLength(times);
	});
});

describe('backup-with-own-steps', () => {
	testKeepAlive('completes a record with a file, and releases its lock at the end', async () => {
		const { run: finished } = await run('backup-with-own-steps');
		expect(finished.data.resultData.error?.message).toBeUndefined();
		const [record] = records();
		expect(record).toMatchObject({ status: 1, deviceInfo: { deviceId } });
		expect(simulator.records.files.get(record!.recordId)).toMatchObject([
			{ fileName: 'orders.json' },
		]);
		expect(methods().at(-1)).toBe('DELETE');
		expect(simulator.locks.alive).toEqual([]);
	});

	testKeepAlive(
		'fails with the cause if a node fails, leaves the record incomplete, and no lock',
		async () => {
			const { run: finished } = await run('backup-with-own-steps', (node) => {
				if (node.name !== 'Your nodes') return;
				node.type = 'n8n-nodes-base.stopAndError';
				node.parameters = { errorMessage: 'the database is unavailable' };
			});
			expect(finished.data.resultData.error?.message).toBe('the database is unavailable');
			expect(records()).toMatchObject([{ status: 0 }]);
			expect(simulator.locks.alive).toEqual([]);
		},
	);
});

describe('keep-token-alive', () => {
	const toSimulator = ({ type, parameters }: INode) => {
		if (!type.endsWith('.httpRequest')) return;
		parameters.url = `${simulator.endpoint}/koodrive/ose/v1/session/auth`;
	};

	test('does nothing while KooDrive accepts the token', async () => {
		const { run: finished, json } = await run('keep-token-alive', toSimulator);
		expect(finished.status).toBe('success');
		expect(json('Nothing to do')).toMatchObject([{ statusCode: 200 }]);
	});

	test.each([429, 500, 503])('is not alarmed by HTTP %d', async (status) => {
		simulator.faultFor = () => faults.status(status);
		const { run: finished } = await run('keep-token-alive', toSimulator);
		expect(finished.status).toBe('success');
	});

	test.each([401, 403])('fails after HTTP %d, and says what to do', async (status) => {
		simulator.faultFor = () => faults.status(status);
		const { run: finished } = await run('keep-token-alive', toSimulator);
		expect(finished.data.resultData.error?.message).toContain('access token has expired');
	});
});

test('locks-in-a-data-table renews the locks in the table, and deletes those that have expired', async () => {
	const alive = simulator.locks.create('100');
	let rows = [{ lockId: alive }, { lockId: 'gone@100' }];
	engine.addNode('n8n-nodes-base.dataTable', {
		description: {
			...standIns['n8n-nodes-base.noOp']!.description,
			properties: ['operation', 'filters'].map((name) => ({
				displayName: name,
				name,
				type: 'json',
				default: '',
			})),
		},
		async execute(this: IExecuteFunctions) {
			const operation = this.getNodeParameter('operation', 0);
			if (operation === 'get') return [rows.map((json) => ({ json, pairedItem: { item: 0 } }))];
			if (operation === 'deleteRows') {
				const { conditions } = this.getNodeParameter('filters', 0) as {
					conditions: Array<{ keyValue: string }>;
				};
				rows = rows.filter(({ lockId }) => lockId !== conditions[0]!.keyValue);
			}
			return [this.getInputData()];
		},
	});
	const { run: finished, json } = await run('locks-in-a-data-table');
	expect(finished.data.resultData.error?.message).toBeUndefined();
	expect(json('Renewed')).toEqual([{ code: 0, msg: 'success' }]);
	expect(rows).toEqual([{ lockId: alive }]);
});
