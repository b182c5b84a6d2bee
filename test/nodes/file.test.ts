import { Readable } from 'node:stream';

import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INode } from 'n8n-workflow';

import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import type { BinaryMode, GivenFile } from '../engine/files';
import { bytes, bytesOf, filesWorkflow, sha256, useBinaryMode } from '../engine/files';
import { appCredential, byId, continueOnFail, errorOf, SECOND, useKooDrive } from '../setup';
import { faults } from '../simulator';

const drive = useKooDrive();

const MIB = 1024 * 1024;

const PART_SIZE = 5 * MIB;

let lockId: string;
let recordId: string;
beforeEach(() => void jest.replaceProperty(PARTS, 'size', PART_SIZE));
beforeEach(() => {
	lockId = drive.simulator.locks.create('100');
	const device = drive.simulator.devices.bind('n8n', 'server-1', 'Linux');
	const record = drive.simulator.records.create('100', device.deviceId, undefined);
	recordId = record.recordId;
});

async function upload(
	files: GivenFile[],
	parameters: IDataObject = {},
	settings: Partial<INode> = {},
	credential = drive.credential,
) {
	const workflow = filesWorkflow(
		drive.engine,
		files.map((file) => ({ files: [file] })),
		{ resource: 'file', operation: 'upload', recordId: byId(recordId), lockId, ...parameters },
		settings,
	);
	return await drive.engine.run(workflow, credential);
}

test('ends a Download from many records after nine minutes of an outage', async () => {
	drive.simulator.faultFor = () => faults.status(503);
	const began = drive.clock.monotonic();
	const items = Array.from({ length: 150 }, (_, index) => ({ recordId: `${index}` }));
	const { json } = await drive.runRecord(
		{
			resource: 'file',
			operation: 'download',
			recordId: '={{ $json.recordId }}',
			fileId: '1',
			options: { maxConcurrency: 1 },
		},
		items,
		continueOnFail,
	);
	expect(json('Next').filter(({ error }) => error !== undefined)).toHaveLength(150);
	expect(drive.clock.monotonic() - began).toBeLessThan(600 * SECOND);
});

describe.each<BinaryMode>(['memory', 'filesystem'])('with binary data in the %s', (mode) => {
	beforeEach(async () => await useBinaryMode(mode));

	test.each([0, 1, 1_000, PART_SIZE, 2 * PART_SIZE + 4 * MIB + 7])(
		'uploads %d bytes',
		async (length) => {
			const content = bytes(length);
			const { json } = await upload([{ content, name: 'report.pdf' }]);
			const [file] = json('Next');
			expect(file).toEqual({
				fileId: expect.any(String) as string,
				fileName: 'report.pdf',
				size: length,
				sha256: sha256(content),
				alreadyStored: false,
				recordId,
			});
			const stored = drive.simulator.files.content(String(file!.fileId));
			expect(stored!.sha256).toBe(sha256(content));
			expect(stored!.length).toBe(length);
		},
	);

	test('downloads what was uploaded, byte for byte', async () => {
		const content = bytes(PART_SIZE + MIB + 1);
		const { json } = await upload([{ content, name: 'a(1)[2].txt' }]);
		const { fileId } = json('Next')[0]!;
		const executed = await drive.runRecord({
			resource: 'file',
			operation: 'download',
			recordId: byId(recordId),
			fileId,
		});
		expect(errorless(executed)).toBe('success');
		expect(sha256(await bytesOf(executed, 'Next'))).toBe(sha256(content));
		expect(executed.items('Next')[0]!.binary!.data!.fileName).toBe('a(1)[2].txt');
	});
});

function errorless(executed: Awaited<ReturnType<typeof upload>>): string {
	const { error } = executed.run.data.resultData;
	return error === undefined ? executed.run.status : error.message;
}

const sent = () =>
	drive.simulator.requests.map(
		({ method, target }) => `${method} ${target.replace(/^\/koodrive\/ose\/v1\//, '')}`,
	);
const stored = () => drive.simulator.store.requests;

describe('Upload', () => {
	afterEach(() => jest.restoreAllMocks());

	beforeEach(async () => await useBinaryMode('memory'));

	test('uploads with App Authentication', async () => {
		const executed = await upload([{ content: bytes(10) }], {}, {}, appCredential(drive));
		expect(errorless(executed)).toBe('success');
	});

	test('sends the parts in order, each to its link, byte for byte', async () => {
		await upload([{ content: bytes(2 * PART_SIZE + 4 * MIB), name: 'a' }]);
		expect(stored().map(({ url }) => /partNumber=(\d+)/.exec(url)![1])).toEqual(['1', '2', '3']);
		expect(stored().map(({ bytes: size }) => size)).toEqual([PART_SIZE, PART_SIZE, 4 * MIB]);
		expect(sent()).toEqual([`POST backup/record/${recordId}/file`, 'POST files/complete']);
	});

	test('sends nothing of KooDrive to the object store', async () => {
		await upload([{ content: bytes(10), name: 'a' }]);
		const [{ headers }] = stored() as [(typeof drive.simulator.store.requests)[number]];
		const names = Object.keys(headers).join(' ');
		expect(names).not.toMatch(/authorization|x-user-id|x-date|lock|x-amz/);
		expect(headers['content-length']).toBe('10');
		expect(headers['transfer-encoding']).toBeUndefined();
	});

	test("doesn't send content that KooDrive stores already, unless Skip Stored Content is off", async () => {
		const content = bytes(1_000);
		await upload([{ content, name: 'a' }]);
		const { json } = await upload([{ content, name: 'b' }]);
		expect(json('Next')).toMatchObject([{ alreadyStored: true, size: 1_000 }]);
		expect(stored()).toHaveLength(1);
		await upload([{ content, name: 'c' }], { options: { skipStored: false } });
		expect(stored()).toHaveLength(2);
	});

	test('creates the file without hashes if KooDrive rejects them, for the rest of the execution too', async () => {
		const bodies: Array<Record<string, unknown>> = [];
		drive.simulator.faultFor = ({ target, body }) => {
			if (!target.endsWith('/file')) return undefined;
			bodies.push(JSON.parse(body) as Record<string, unknown>);
			return 'sha256' in bodies.at(-1)! ? faults.code(13000102, 'parameter', 400) : undefined;
		};
		const files = [1, 2].map((seed) => ({ content: bytes(10, seed), name: `${seed}` }));
		const executed = await upload(files, { options: { maxConcurrency: 1 } });
		expect(executed.json('Next')).toHaveLength(2);
		expect(bodies.map((body) => 'sha256' in body).filter((hasHash) => !hasHash)).toHaveLength(2);
		expect(bodies.at(-1)).not.toHaveProperty('proofCode');
	});

	test('uploads a file that took longer to read than an outage may last', async () => {
		await onRead(() => {
			drive.simulator.clock.advance(1_000 * SECOND);
			drive.simulator.locks.create('100', lockId);
			return undefined;
		});
		const executed = await upload([{ content: bytes(PART_SIZE + MIB), name: 'a' }]);
		expect(errorless(executed)).toBe('success');
	});

	/** Calls a function each time that a file in n8n's storage is read; it may return other content. */
	async function onRead(
		read: (time: number, chunkSize: number | undefined) => Buffer | undefined,
	): Promise<void> {
		await useBinaryMode('filesystem');
		const service = Container.get(BinaryDataService);
		const original = service.getAsStream.bind(service);
		let times = 0;
		jest.spyOn(service, 'getAsStream').mockImplementation(async (...given) => {
			const other = read(++times, given[1]);
			return other === undefined ? await original(...given) : Readable.from([other]);
		});
	}

	test.each([
		['a tiny file', 10_000, [16 * 1024]],
		['a file of one chunk', MIB / 4, [MIB / 4]],
		['a longer file', MIB / 4 + 1, [MIB / 4, MIB / 4]],
	])('reads %s only as often as needed, in chunks that fit', async (_, length, expected) => {
		const chunkSizes: unknown[] = [];
		await onRead((_time, chunkSize) => {
			chunkSizes.push(chunkSize);
			return undefined;
		});
		expect(errorless(await upload([{ content: bytes(length), name: 'a' }]))).toBe('success');
		expect(chunkSizes).toEqual(expected);
	});

	test.each([
		['is shorter', bytes(2 * PART_SIZE + MIB - 1)],
		['is longer', Buffer.concat([bytes(2 * PART_SIZE + MIB), Buffer.alloc(1)])],
		['is another', bytes(2 * PART_SIZE + MIB, 2)],
	])("doesn't complete a file that %s when its parts are read", async (_, changed) => {
		await onRead((time) => (time === 2 ? changed : undefined));
		const error = errorOf(await upload([{ content: bytes(2 * PART_SIZE + MIB), name: 'a' }]));
		expect(error.message).toContain('the file changed during the upload');
		expect(sent().filter((request) => request.endsWith('complete'))).toEqual([]);
	});

	test("names the object store's host if it can't be reached, and not the Endpoint", async () => {
		drive.simulator.faultFor = ({ target }) =>
			target.endsWith('/file') ? faults.linkOrigin('http://127.0.0.1:9') : undefined;
		const error = errorOf(await upload([{ content: bytes(9), name: 'a' }]));
		expect(error.message).toContain(
			"connection to KooDrive's object store failed (127.0.0.1:9: ECONNREFUSED)",
		);
		expect(error.description).toContain("on another host than 'Endpoint'");
		expect(error.description).not.toContain('KooDrive API credential');
	});

	test('says that a record must not be completed if one of several files is missing', async () => {
		drive.simulator.store.faultFor = () =>
			stored().length === 1 ? faults.storeError(400, 'EntityTooSmall', 'too small') : undefined;
		const error = errorOf(await upload([1, 2].map((seed) => ({ content: bytes(9, seed) }))));
		expect(error.message).toContain(
			`1 of 2 files were not uploaded. The first: File of record "${recordId}" was not uploaded`,
		);
		expect(error.description).toContain("Don't complete the record, because files are missing.");
		expect(error.description).not.toContain('On Error');
	});

	test('renews links that expire while the parts are sent', async () => {
		drive.simulator.store.linkLifetime = 600;
		drive.simulator.store.faultFor = () => {
			drive.simulator.clock.advance(400 * SECOND);
			return undefined;
		};
		const lock = drive.simulator.locks;
		drive.simulator.faultFor = () => {
			lock.create('100', lockId);
			return undefined;
		};
		const executed = await upload([{ content: bytes(2 * PART_SIZE + 4 * MIB), name: 'a' }]);
		expect(errorless(executed)).toBe('success');
		expect(sent().filter((request) => request.endsWith('uploadUrl')).length).toBeGreaterThan(0);
	});

	test('sends a part again with a new link after the store has rejected the old one', async () => {
		drive.simulator.store.failNext(faults.expired());
		const executed = await upload([{ content: bytes(PART_SIZE + MIB), name: 'a' }]);
		expect(errorless(executed)).toBe('success');
		expect(stored().map(({ bytes: size }) => size)).toEqual([PART_SIZE, PART_SIZE, MIB]);
	});

	test('fails when the store rejects new links too', async () => {
		drive.simulator.store.faultFor = () => faults.expired();
		const error = errorOf(await upload([{ content: bytes(10), name: 'a' }]));
		expect(error.message).toContain('rejected');
		expect(stored()).toHaveLength(3);
	});

	test('sends a part again, whole, after a reset in its middle', async () => {
		drive.simulator.store.failNext(faults.reset(100_000));
		const content = bytes(MIB);
		const { json } = await upload([{ content, name: 'a' }]);
		expect(json('Next')).toMatchObject([{ sha256: sha256(content) }]);
	});

	test("doesn't complete a file of which a part was lost", async () => {
		drive.simulator.store.faultFor = () => faults.lose();
		const { run } = await upload([{ content: bytes(10), name: 'a' }]);
		expect(run.status).toBe('error');
		expect(drive.simulator.records.files.get(recordId) ?? []).toEqual([]);
	});

	test('takes a file for complete if it is, though the response was lost', async () => {
		drive.simulator.faultFor = ({ target }) =>
			target.endsWith('files/complete') &&
			sent().filter((it) => it.endsWith('complete')).length === 1
				? faults.resetDuring()
				: undefined;
		const executed = await upload([{ content: bytes(10), name: 'a' }]);
		expect(errorless(executed)).toBe('success');
		expect(drive.simulator.records.files.get(recordId)).toHaveLength(1);
	});

	test.each(['flat', 'data'] as const)('reads responses whose fields are %s', async (fields) => {
		const { shapes } = drive.simulator;
		for (const shape of [shapes.createFile, shapes.uploadUrl, shapes.completeFile]) {
			Object.assign(shape, { fields, code: 'text' });
		}
		drive.simulator.store.failNext(faults.expired());
		const executed = await upload([{ content: bytes(10), name: 'a' }]);
		expect(errorless(executed)).toBe('success');
	});

	test("doesn't send a file to a host without TLS", async () => {
		drive.simulator.faultFor = ({ target }) =>
			target.endsWith('/file') ? faults.linkOrigin('http://other-host') : undefined;
		const error = errorOf(await upload([{ content: bytes(10), name: 'a' }]));
		expect(error.message).toContain("doesn't use https");
		expect(stored()).toEqual([]);
	});

	test.each([
		['a/b', 'must not be'],
		['..', 'must not be'],
		['x'.repeat(251), '251 characters'],
		['={{ 7 }}', 'must be text'],
	])('rejects the File Name %s before anything is sent', async (fileName, message) => {
		const error = errorOf(await upload([{ content: bytes(1) }], { options: { fileName } }));
		expect(error.message).toContain(message);
		expect(drive.simulator.requests).toEqual([]);
	});

	test('names the item without binary data, and uploads the others', async () => {
		const files = [
			{ content: bytes(1), field: 'other' },
			{ content: bytes(2), name: 'b' },
		];
		const { json } = await upload(files, {}, continueOnFail);
		expect(json('Next')[0]!.error).toContain("'data'");
		expect(json('Next')[1]).toMatchObject({ size: 2 });
	});

	test('names the record and the lock when the lock has expired', async () => {
		drive.simulator.locks.release(lockId);
		const error = errorOf(await upload([{ content: bytes(1) }]));
		expect(error.message).toContain(recordId);
		expect(stored()).toEqual([]);
	});
});

describe('Download', () => {
	const content = bytes(5_000);
	let fileId: string;
	beforeEach(async () => {
		await useBinaryMode('filesystem');
		const { json } = await upload([{ content, name: 'a.txt' }]);
		fileId = String(json('Next')[0]!.fileId);
		stored().length = 0;
	});

	const download = async (parameters: IDataObject = {}) => {
		const workflow = filesWorkflow(drive.engine, [{}], {
			resource: 'file',
			operation: 'download',
			recordId: byId(recordId),
			fileId,
			...parameters,
		});
		return await drive.engine.run(workflow, drive.credential);
	};

	test('names a file that is listed without a name by its ID, not by its link', async () => {
		for (const file of drive.simulator.records.files.get(recordId)!) file.fileName = '';
		const executed = await download();
		expect(executed.items('Next')[0]!.binary!.data!.fileName).toBe(fileId);
		expect(JSON.stringify(executed.items('Next'))).not.toContain('X-Amz');
	});

	test('asks for the bytes as they are, without anything of KooDrive', async () => {
		const executed = await download({ binaryPropertyName: 'file' });
		expect(sha256(await bytesOf(executed, 'Next', 0, 'file'))).toBe(sha256(content));
		const [{ headers }] = stored() as [(typeof drive.simulator.store.requests)[number]];
		expect(headers['accept-encoding']).toBe('identity');
		expect(Object.keys(headers).join(' ')).not.toMatch(/authorization|x-user-id|x-date|lock/);
	});

	test.each([
		['is cut off', faults.shorten()],
		['breaks off', faults.reset(1_000)],
		['is corrupt', faults.corrupt()],
		['comes from a busy store', faults.status(503)],
		['comes from a link that has expired', faults.expired()],
	])('downloads a file again that %s', async (_what, fault) => {
		drive.simulator.store.failNext(fault);
		const executed = await download();
		expect(errorless(executed)).toBe('success');
		expect(sha256(await bytesOf(executed, 'Next'))).toBe(sha256(content));
		expect(stored()).toHaveLength(2);
	});

	test('names a file that does not exist', async () => {
		const error = errorOf(await download({ fileId: '1842000000000000000' }));
		expect(error.message).toContain('1842000000000000000');
		expect(stored()).toEqual([]);
	});
});
