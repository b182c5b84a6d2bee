import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bytes, sha256 } from '../engine/files';
import { example, withDevice, withFolder } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { faults } from '../simulator';
import { DAY, MINUTE } from '../time';
import { until } from '../until';
import { sentFor } from './keepAlive';
import type { N8nServer } from './server';
import { startWithCredential } from './setup';
import type { StoredCredential, StoredExecution, StoredWorkflow } from './workflows';
import {
	activate,
	executionsOf,
	finished,
	importWorkflow,
	reportOf,
	untilRegistered,
	webhookTrigger,
} from './workflows';

/* n8n is killed while it executes the example nightly-backup, and started again. */

const FILES = Array.from({ length: 12 }, (_none, index) => ({
	name: `file-${index}.bin`,
	content: bytes(100_000, index),
}));
const DIGESTS = Object.fromEntries(FILES.map(({ name, content }) => [name, sha256(content)]));
const PARALLEL_TRANSFERS = 4;

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;
let errors: StoredWorkflow;
let nightly: StoredWorkflow;

/** The records that the killed executions left. */
const remains: string[] = [];

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential({
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
	}));
	const folder = join(server.userFolder, '.n8n-files');
	const documents = join(folder, 'documents');
	mkdirSync(documents, { recursive: true });
	for (const { name, content } of FILES) writeFileSync(join(documents, name), content);
	errors = await importWorkflow(server, example('backup-failed'), credential);
	await activate(server, errors);
	nightly = await importNightlyBackup(folder);
	await activate(server, nightly);
	await untilRegistered(server, 'night');
});

/** Imports the example with a webhook, which starts it when the test wants, in place of its schedule. */
async function importNightlyBackup(folder: string): Promise<StoredWorkflow> {
	const { deviceId } = simulator.devices.bind('machine', 'file-server-1', 'Linux');
	const workflow = example('nightly-backup');
	const settings = { ...workflow.settings, errorWorkflow: errors.id };
	return await importWorkflow(server, { ...workflow, settings }, credential, (node) => {
		withDevice(deviceId)(node);
		withFolder(folder)(node);
		if (node.type.endsWith('.scheduleTrigger')) Object.assign(node, webhookTrigger('night'));
		if (node.name === 'Back up files') {
			node.parameters.options = { parallelTransfers: PARALLEL_TRANSFERS };
		}
		if (node.name === 'Delete old backups') node.parameters.options = { deleteIncompleteAfter: 1 };
	});
}

/** @returns the ID of the execution */
async function startNight(): Promise<string> {
	const [before] = await executionsOf(server, nightly);
	expect((await fetch(`${server.url}/webhook/night`, { method: 'POST' })).status).toBe(200);
	let [latest] = [before];
	await until('the night has begun', async () => {
		[latest] = await executionsOf(server, nightly);
		return latest !== before;
	});
	return latest!;
}

/** Kills n8n in the middle of a night, and starts it again. */
async function killNight(
	moment: string,
	isReached: () => boolean,
): Promise<{ id: string; lockId: string; recordId: string }> {
	const alive = new Set(simulator.locks.alive);
	const id = await startNight();
	await until(moment, isReached);
	await server.kill();
	simulator.faultFor = () => undefined;
	simulator.store.faultFor = () => undefined;
	const { recordId } = records().at(-1)!;
	remains.push(recordId);
	const lockId = simulator.locks.alive.find((lock) => !alive.has(lock))!;
	await server.start();
	await untilRegistered(server, 'night');
	return { id, lockId, recordId };
}

/** A night in which all goes well, byte for byte. */
async function completeNight(): Promise<StoredExecution> {
	const execution = await finished(server, await startNight());
	expect(execution.data.resultData.error?.message).toBeUndefined();
	const [record] = execution.json('Back up files');
	expect(record).toMatchObject({ status: 1, files: 12, bytes: 1_200_000 });
	expect(digestsOf(String(record!.recordId))).toEqual(DIGESTS);
	return execution;
}

const records = () => [...simulator.records.records.values()];
const completed = () => records().filter(({ status }) => status === 1);
const filesOf = (recordId: string) => simulator.records.files.get(recordId) ?? [];

/** What KooDrive stores of the files of a record, as SHA-256. */
function digestsOf(recordId: string): Record<string, string> {
	const files = filesOf(recordId).map(({ fileId, fileName }) => [
		fileName,
		sha256(simulator.files.content(fileId)!.read()!),
	]);
	return Object.fromEntries(files) as Record<string, string>;
}

describe('killed when some files are uploaded, some are half sent, and some not begun', () => {
	let id: string;
	let lockId: string;
	let recordId: string;

	beforeAll(async () => {
		const uploaded = () => filesOf(records().at(-1)!.recordId).length;
		simulator.store.faultFor = () => (uploaded() >= 3 ? faults.stall(1000) : undefined);
		const halfSent = () =>
			simulator.store.requests.filter(
				({ bytes: sent, status }) => sent > 0 && status === undefined,
			);
		({ id, lockId, recordId } = await killNight(
			'each transfer is half done',
			() => halfSent().length === PARALLEL_TRANSFERS,
		));
	});

	test('leaves an incomplete record with the uploaded files, and no completed one', () => {
		expect(records()).toMatchObject([{ recordId, status: 0 }]);
		expect(filesOf(recordId).length).toBeGreaterThanOrEqual(3);
		expect(filesOf(recordId).length).toBeLessThan(12 - PARALLEL_TRANSFERS);
	});

	test('marks the execution as crashed after the restart, and starts the error workflow', async () => {
		const execution = await finished(server, id);
		expect(execution.status).toBe('crashed');
		expect(execution.data.resultData).toMatchObject({ lastNodeExecuted: 'Back up files' });
		const message = await reportOf(server, errors);
		expect(message).toMatchObject({ subject: 'Failed: Back up files to KooDrive every night' });
		expect(message!.text).toContain('Workflow did not finish');
		expect(message!.text).toContain('Node: Back up files');
	});

	test('makes a complete backup directly afterwards, while the lock exists', async () => {
		expect(simulator.locks.isAlive(lockId)).toBe(true);
		const night = await completeNight();
		expect(night.json('Delete old backups')).toMatchObject([{ deleted: 0 }]);
		expect(records().map(({ status }) => status)).toEqual([0, 1]);
	});

	test('neither renews nor releases the lock, which expires after 10 minutes', async () => {
		const methods = sentFor(simulator, lockId).map(({ method }) => method);
		expect(new Set(methods)).toEqual(new Set(['POST']));
		expect(simulator.locks.alive).toEqual([lockId]);
		simulator.clock.advance(10 * MINUTE);
		expect(simulator.locks.alive).toEqual([]);
		await completeNight();
	});
});

describe('killed when the record is created, but its response is lost', () => {
	let lockId: string;
	let recordId: string;

	beforeAll(async () => {
		const before = records().length;
		simulator.faultFor = ({ method, target }) =>
			method === 'POST' && target.endsWith('/record') ? faults.silence() : undefined;
		({ lockId, recordId } = await killNight(
			'the record is created',
			() => records().length > before,
		));
	});

	test('leaves an incomplete record without files', () => {
		expect(simulator.records.records.get(recordId)).toMatchObject({ status: 0 });
		expect(filesOf(recordId)).toEqual([]);
	});

	test('makes a complete backup after the lock has expired', async () => {
		simulator.clock.advance(10 * MINUTE);
		expect(simulator.locks.isAlive(lockId)).toBe(false);
		await completeNight();
		expect(sentFor(simulator, lockId)).toHaveLength(1);
	});
});

test("removes what the killed nights left, and nothing else, with 'Delete Incomplete After'", async () => {
	const before = completed().map(({ recordId }) => recordId);
	expect(records()).toHaveLength(before.length + remains.length);
	// The age counts by n8n's clock too, which the simulator's doesn't move.
	const createTime = new Date(Date.now() - 2 * DAY).toISOString();
	for (const recordId of remains) {
		Object.assign(simulator.records.records.get(recordId)!, { createTime });
		for (const file of filesOf(recordId)) Object.assign(file, { createTime });
	}
	const night = await completeNight();
	expect(night.json('Delete old backups')).toMatchObject([
		{ deletedRecords: remains.map((recordId) => ({ recordId })) },
	]);
	const left = records().map(({ recordId }) => recordId);
	expect(left).toEqual([...before, String(night.json('Back up files')[0]!.recordId)]);
	for (const recordId of left) expect(digestsOf(recordId)).toEqual(DIGESTS);
	expect(simulator.locks.alive).toEqual([]);
});
