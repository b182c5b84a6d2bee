import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INode } from 'n8n-workflow';

import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import type { GivenFile } from '../engine/files';
import { bytes, bytesOf, filesWorkflow, sha256, useBinaryMode } from '../engine/files';
import type { Executed } from '../engine';
import { byId, continueOnFail, errorOf, MINUTE, SECOND, useKooDrive } from '../setup';
import { faults } from '../simulator';
import { until } from '../until';

const drive = useKooDrive();

const MIB = 1024 * 1024;

const PART_SIZE = 5 * MIB;

let deviceId: string;
beforeEach(() => void jest.replaceProperty(PARTS, 'size', PART_SIZE));
beforeEach(async () => {
	deviceId = drive.simulator.devices.bind('n8n', 'server-1', 'Linux').deviceId;
	await useBinaryMode('filesystem');
});
afterEach(() => jest.restoreAllMocks());

async function backUp(
	files: GivenFile[],
	parameters: IDataObject = {},
	settings: Partial<INode> = {},
): Promise<Executed> {
	const workflow = filesWorkflow(
		drive.engine,
		files.map((file) => ({ files: [file] })),
		{
			resource: 'backup',
			operation: 'backUp',
			moduleCode: '100',
			deviceId: byId(deviceId),
			...parameters,
		},
		settings,
	);
	return await drive.engine.run(workflow, drive.credential);
}

async function restore(parameters: IDataObject = {}): Promise<Executed> {
	const workflow = filesWorkflow(drive.engine, [{}], {
		resource: 'backup',
		operation: 'restore',
		source: 'latest',
		moduleCode: '100',
		deviceId: byId(deviceId),
		...parameters,
	});
	return await drive.engine.run(workflow, drive.credential);
}

const sent = () =>
	drive.simulator.requests.map(
		({ method, target }) => `${method} ${target.replace(/^\/koodrive\/ose\/v1\//, '')}`,
	);
const records = () => [...drive.simulator.records.records.values()];

/** What a backup that failed must leave: no record and no lock. */
function expectNothingLeft(): void {
	expect(records()).toEqual([]);
	expect(drive.simulator.locks.alive).toEqual([]);
}

describe('Back Up', () => {
	test('makes one complete record of the files of all items', async () => {
		const files = [bytes(3), bytes(0), bytes(PART_SIZE + MIB, 7)];
		const executed = await backUp(
			files.map((content, index) => ({ content, name: `${index}.bin` })),
		);
		expect(executed.json('Next')).toEqual([
			expect.objectContaining({
				status: 1,
				files: 3,
				bytes: PART_SIZE + MIB + 3,
				filesUploaded: 3,
				bytesUploaded: PART_SIZE + MIB + 3,
				filesAlreadyStored: 0,
				durationSeconds: expect.any(Number) as number,
			}),
		]);
		expect(executed.items('KooDrive')[0]!.pairedItem).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		const [record] = records();
		expect(record).toMatchObject({ status: 1, deviceInfo: { deviceId } });
		const stored = drive.simulator.records.files.get(record!.recordId)!;
		expect(stored.map(({ fileName, sha256: hash }) => [fileName, hash]).sort()).toEqual(
			files.map((content, index) => [`${index}.bin`, sha256(content)]),
		);
		expect(drive.simulator.locks.alive).toEqual([]);
		expect(sent()[0]).toBe('POST backup/lock');
		expect(sent().at(-1)).toBe('DELETE backup/lock');
	});

	test('sends only what has changed the second night', async () => {
		const night = (changed: number) => [
			{ content: bytes(MIB), name: 'a' },
			{ content: bytes(MIB, changed), name: 'b' },
		];
		await backUp(night(2));
		drive.simulator.store.requests.length = 0;
		const { json } = await backUp(night(3));
		expect(json('Next')).toMatchObject([{ files: 2, filesUploaded: 1, filesAlreadyStored: 1 }]);
		expect(drive.simulator.store.requests).toHaveLength(1);
	});

	test('keeps two files of one name, and returns both with their names', async () => {
		await backUp([
			{ content: bytes(1), name: 'report.pdf', directory: '/a' },
			{ content: bytes(2), name: 'report.pdf', directory: '/b' },
		]);
		const restored = await restore();
		expect(restored.json('Next').map(({ fileName, path }) => [fileName, path])).toEqual([
			['report (2).pdf', 'b/report.pdf'],
			['report.pdf', 'a/report.pdf'],
		]);
		const names = restored.items('Next').map(({ binary }) => binary!.data!.fileName);
		expect(names).toEqual(['report.pdf', 'report.pdf']);
		expect((await bytesOf(restored, 'Next', 0)).length).toBe(2);
	});

	test.each([
		['../../etc/x', 'x'],
		['a:b?.txt', 'a_b_.txt'],
		[`${'x'.repeat(300)}.pdf`, undefined],
	])('gives the file %s a name that KooDrive accepts', async (name, expected) => {
		const { run } = await backUp([{ content: bytes(5), name }]);
		expect(run.data.resultData.error?.message).toBeUndefined();
		const [file] = drive.simulator.records.files.get(records()[0]!.recordId)!;
		expect(file!.fileName.length).toBeLessThanOrEqual(250);
		if (expected !== undefined) expect(file!.fileName).toBe(expected);
	});

	test('survives an outage of 20 seconds in the middle', async () => {
		let endsAt = 0;
		drive.simulator.store.faultFor = () => {
			const now = drive.clock.monotonic();
			if (drive.simulator.store.requests.length === 2) endsAt = now + 20 * SECOND;
			return now < endsAt ? faults.status(503) : undefined;
		};
		const { json } = await backUp([{ content: bytes(30 * MIB), name: 'a' }]);
		expect(json('Next')).toMatchObject([{ status: 1, filesUploaded: 1 }]);
		expect(endsAt).toBeGreaterThan(0);
	});

	test('survives an outage of eight minutes that begins before it', async () => {
		drive.simulator.faultFor = () =>
			drive.clock.monotonic() < 8 * MINUTE ? faults.status(503) : undefined;
		const { json } = await backUp([{ content: bytes(9), name: 'a' }]);
		expect(json('Next')).toMatchObject([{ status: 1 }]);
	});

	test('survives an outage of eight minutes of KooDrive and its store while it uploads', async () => {
		let uploads = 0;
		let endsAt = 0;
		const isAway = () => drive.clock.monotonic() < endsAt;
		drive.simulator.store.faultFor = () => {
			if (isAway()) return faults.status(503);
			drive.clock.pass(20 * SECOND);
			if (++uploads === 9) endsAt = drive.clock.monotonic() + 8 * MINUTE;
			return undefined;
		};
		drive.simulator.faultFor = () => (isAway() ? faults.status(503) : undefined);
		const files = Array.from({ length: 10 }, (_, index) => ({ content: bytes(9, index) }));
		const { json } = await backUp(files, { options: { parallelTransfers: 1 } });
		expect(json('Next')).toMatchObject([{ status: 1, files: 10 }]);
		expect(drive.clock.monotonic()).toBeGreaterThanOrEqual(endsAt);
	});

	test('fails if nothing is reached for nine minutes', async () => {
		drive.simulator.faultFor = () => faults.status(503);
		const error = errorOf(await backUp([{ content: bytes(9), name: 'a' }]));
		expect(error.message).toContain("the backup lock couldn't be created");
		expect(error.description).toContain('9 minutes without a success');
		expect(drive.clock.monotonic()).toBeLessThanOrEqual(9 * MINUTE);
	});

	test('leaves no record and no lock when a file cannot be uploaded, and names it', async () => {
		drive.simulator.store.faultFor = () => faults.storeError(400, 'EntityTooSmall', 'too small');
		const error = errorOf(await backUp([{ content: bytes(9), name: 'a.txt' }]));
		expect(error.message).toContain('"a.txt" couldn\'t be uploaded');
		expect(error.message).toContain('EntityTooSmall');
		expectNothingLeft();
	});

	test('passes on one failed item with "Continue"', async () => {
		drive.simulator.store.faultFor = () => faults.storeError(400, 'EntityTooSmall', 'too small');
		const { json } = await backUp(
			[{ content: bytes(9) }, { content: bytes(8) }],
			{},
			continueOnFail,
		);
		expect(json('Next')).toHaveLength(1);
		expect(json('Next')[0]!.error).toContain("couldn't be uploaded");
		expectNothingLeft();
	});

	test('leaves no record when the lock is lost in the middle', async () => {
		drive.simulator.store.faultFor = () => {
			for (const lockId of drive.simulator.locks.alive) drive.simulator.locks.release(lockId);
			drive.simulator.clock.advance(300 * SECOND);
			return faults.status(503);
		};
		const executed = await backUp([{ content: bytes(9) }]);
		expect(errorOf(executed).message).toContain('lock was lost');
		expect(records().map(({ status }) => status)).not.toContain(1);
		expect(sent().filter((request) => /^PATCH backup\/record/.test(request))).toEqual([]);
		expect(drive.engine.log).toContainEqual(expect.stringMatching(/^warn Lock .* lost/));
	});

	test('takes a record for complete if it is, though the response was lost', async () => {
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'PATCH' && target.includes('/record/') ? faults.resetDuring() : undefined;
		const { json, run } = await backUp([{ content: bytes(9) }]);
		expect(run.data.resultData.error?.message).toBeUndefined();
		expect(json('Next')).toMatchObject([{ status: 1 }]);
		expect(records()).toMatchObject([{ status: 1 }]);
		expect(drive.simulator.locks.alive).toEqual([]);
	});

	test('deletes the record when it cannot be completed', async () => {
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'PATCH' && target.includes('/record/')
				? faults.code(13000311, 'not enough space', 400)
				: undefined;
		const error = errorOf(await backUp([{ content: bytes(9) }]));
		expect(error.message).toContain("couldn't be completed");
		expectNothingLeft();
	});

	test('leaves no record and no lock when the user stops it in the middle', async () => {
		let cancel = () => {};
		drive.simulator.store.faultFor = () => {
			cancel();
			return undefined;
		};
		const workflow = filesWorkflow(
			drive.engine,
			[1, 2, 3].map((seed) => ({
				files: [{ content: bytes(PART_SIZE + MIB, seed), name: `${seed}` }],
			})),
			{ resource: 'backup', operation: 'backUp', moduleCode: '100', deviceId: byId(deviceId) },
		);
		const execution = await drive.engine.start(workflow, drive.credential);
		({ cancel } = execution);
		const { run } = await execution.finished;
		expect(run.status).toBe('canceled');
		await until('the record is deleted', () => records().length === 0);
		await until('the lock is released', () => drive.simulator.locks.alive.length === 0);
	});

	test('makes two backups of one device at the same time', async () => {
		const both = await Promise.all(
			[1, 2].map(async (seed) => await backUp([{ content: bytes(9, seed) }])),
		);
		expect(both.flatMap(({ json }) => json('Next'))).toMatchObject([{ status: 1 }, { status: 1 }]);
		expect(records()).toHaveLength(2);
	});

	test('names the record that could not be deleted', async () => {
		drive.simulator.store.faultFor = () => faults.storeError(400, 'EntityTooSmall', 'too small');
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'DELETE' && target.includes('/record/')
				? faults.code(13000410, 'not allowed', 400)
				: undefined;
		const error = errorOf(await backUp([{ content: bytes(9), name: 'a.txt' }]));
		expect(error.message).toContain("couldn't be uploaded");
		expect(error.description).toContain(records()[0]!.recordId);
		expect(drive.simulator.locks.alive).toEqual([]);
	});

	test.each([
		['lock', 'POST backup/lock'],
		['record', 'POST backup/record'],
	])('creates its %s once more when the response is lost', async (_what, creation) => {
		const creations = () => sent().filter((request) => request === creation).length;
		drive.simulator.faultFor = () =>
			sent().at(-1) === creation && creations() === 1 ? faults.resetDuring() : undefined;
		const { json } = await backUp([{ content: bytes(9) }]);
		expect(json('Next')).toMatchObject([{ status: 1, files: 1 }]);
		expect(creations()).toBe(2);
		expect(records().filter(({ status }) => status === 1)).toHaveLength(1);
	});

	test('leaves the lock whose ID was lost to expire', async () => {
		drive.simulator.failNext(faults.resetDuring());
		const { run } = await backUp([{ content: bytes(9) }]);
		expect(run.status).toBe('success');
		expect(drive.simulator.locks.alive).toHaveLength(1);
		drive.simulator.clock.advance(10 * MINUTE);
		expect(drive.simulator.locks.alive).toEqual([]);
		expect(drive.simulator.locks.expiredWhenNeeded).toBe(0);
	});

	test('says that a record may have been created when no response says so', async () => {
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'POST' && target.endsWith('/record') ? faults.resetDuring() : undefined;
		const error = errorOf(await backUp([{ content: bytes(9) }]));
		expect(error.message).toContain("record couldn't be created");
		expect(error.description).toContain('may have created an incomplete record');
		expect(error.description).toContain('9 minutes without a success');
		expect(drive.simulator.locks.alive).toEqual([]);
	});

	test('names the record that may be complete when the lock is lost meanwhile', async () => {
		drive.simulator.faultFor = ({ method, target }) => {
			if (!sent().some((request) => request.startsWith('PATCH backup/record'))) return undefined;
			const isRenewal = method === 'PATCH' && target.endsWith('/lock');
			return isRenewal ? faults.code(13000309, 'gone', 400) : faults.status(503);
		};
		const error = errorOf(await backUp([{ content: bytes(9) }]));
		expect(error.message).toContain("record couldn't be completed: the backup's lock was lost");
		const { recordId } = records()[0]!;
		expect(error.description).toContain(`It's unknown whether record ${recordId} is complete`);
	});

	test('names all files that failed at the same time', async () => {
		const service = Container.get(BinaryDataService);
		let opened = 0;
		let fail = () => {};
		const allOpened = new Promise<void>((resolve) => (fail = resolve));
		jest.spyOn(service, 'getAsStream').mockImplementation(async () => {
			if (++opened === 3) fail();
			await allOpened;
			throw new Error('it is gone');
		});
		const files = ['a', 'b', 'c'].map((name) => ({ content: bytes(9), name }));
		const error = errorOf(await backUp(files));
		expect(error.message).toContain('"a" couldn\'t be uploaded');
		expect(error.description).toMatch(/The same happened to ("b" and "c"|"c" and "b")\./);
		expectNothingLeft();
	});

	test('stops reading a file when another one has failed', async () => {
		const service = Container.get(BinaryDataService);
		const endless = async function* () {
			for (;;) yield await setTimeout(1, Buffer.alloc(10));
		};
		jest.spyOn(service, 'getAsStream').mockResolvedValueOnce(Readable.from(endless()));
		drive.simulator.store.faultFor = () => faults.storeError(400, 'EntityTooSmall', 'too small');
		const files = ['endless', 'other'].map((name) => ({ content: bytes(9), name }));
		const error = errorOf(await backUp(files));
		expect(error.message).toMatch(/"(endless|other)" couldn't be uploaded: .*EntityTooSmall/);
		expectNothingLeft();
	});

	test.each([false, true])(
		'sends the content of a file that KooDrive says exists, and lists: %s',
		async (isListed) => {
			drive.simulator.files.listsIncomplete = isListed;
			drive.simulator.faultFor = ({ target }) =>
				target.endsWith('/file')
					? faults.change((answer) => ({ ...answer, exist: true }))
					: undefined;
			await backUp([{ content: bytes(9) }]);
			const [stored] = drive.simulator.records.files.get(records()[0]!.recordId)!;
			expect(stored).toMatchObject({ size: 9, sha256: sha256(bytes(9)) });
			expect(drive.simulator.store.requests).toHaveLength(1);
		},
	);

	test('reads the record before it says that completing failed', async () => {
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'PATCH' && target.includes('/record/') ? faults.status(503) : undefined;
		const error = errorOf(await backUp([{ content: bytes(9) }]));
		expect(error.message).toContain("couldn't be completed");
		expect(sent().some((request) => request.startsWith('GET backup/record/'))).toBe(true);
		expectNothingLeft();
	});

	test.each<[string, GivenFile[], IDataObject]>([
		[
			'an item without the binary field',
			[{ content: bytes(1), field: 'other' }],
			{ binaryPropertyName: 'data' },
		],
		['no device', [{ content: bytes(1) }], { deviceId: byId('={{ "" }}') }],
		[
			'several devices',
			[{ content: bytes(1) }, { content: bytes(1) }],
			{ deviceId: byId('={{ "device-" + $itemIndex }}') },
		],
		['a module code that does not exist', [{ content: bytes(1) }], { moduleCode: '7' }],
	])('rejects %s before anything is sent', async (_what, files, parameters) => {
		const { run } = await backUp(files, parameters);
		expect(run.status).toBe('error');
		expect(drive.simulator.requests).toEqual([]);
	});
});

test.each([
	['small', 1_000, 40, 16],
	['large', PART_SIZE + MIB, 4, 4],
])(
	'transfers up to 16 %s files in parallel (%d bytes: of %d files, %d)',
	async (_, length, count, most) => {
		const files = Array.from({ length: count }, (__, index) => ({
			content: bytes(length, index),
			name: `${index}`,
		}));
		drive.simulator.line.roundTrip = 200;
		const executed = await backUp(files, { options: { parallelTransfers: 16 } });
		expect(executed.json('Next')).toMatchObject([{ files: count }]);
		expect(drive.simulator.store.mostInFlight).toBe(most);
	},
);

describe('Restore', () => {
	test('returns every file of the latest completed backup, byte for byte', async () => {
		await backUp([{ content: bytes(1), name: 'old' }]);
		drive.simulator.clock.advance(60 * SECOND);
		const files = [bytes(10), bytes(0), bytes(PART_SIZE + MIB, 5)];
		await backUp(files.map((content, index) => ({ content, name: `${index}` })));
		const executed = await restore();
		expect(
			executed
				.json('Next')
				.map(({ fileName }) => fileName)
				.sort(),
		).toEqual(['0', '1', '2']);
		for (const [index, { fileName }] of executed.json('Next').entries()) {
			const content = files[Number(fileName)]!;
			expect(sha256(await bytesOf(executed, 'Next', index))).toBe(sha256(content));
		}
	});

	test('asks for the links of 20 files in one request, however many are downloaded in parallel', async () => {
		await backUp(
			Array.from({ length: 60 }, (_, index) => ({ content: bytes(9, index), name: `${index}` })),
		);
		drive.simulator.requests.length = 0;
		const executed = await restore({ options: { parallelTransfers: 16 } });
		expect(executed.items('Next')).toHaveLength(60);
		const asked = drive.simulator.requests.filter(({ target }) =>
			target.endsWith('/files/download'),
		);
		expect(asked).toHaveLength(3);
	});

	test('returns the files whose names match the wildcards', async () => {
		await backUp(['a.pdf', 'b.txt', 'c.pdf'].map((name) => ({ content: bytes(4), name })));
		const executed = await restore({ options: { fileNames: '*.pdf' } });
		expect(executed.json('Next').map(({ fileName }) => fileName)).toEqual(['a.pdf', 'c.pdf']);
		const error = errorOf(await restore({ options: { fileNames: '*.pdf, *.doc' } }));
		expect(error.message).toContain('"*.doc"');
	});

	test('never returns a file whose checksum differs', async () => {
		await backUp([{ content: bytes(1_000), name: 'a' }]);
		drive.simulator.store.faultFor = ({ method }) =>
			method === 'GET' ? faults.corrupt() : undefined;
		const executed = await restore();
		expect(errorOf(executed).message).toContain('SHA-256');
		expect(executed.items('Next')).toEqual([]);
	});

	test('downloads a file once more when it arrived with another checksum', async () => {
		const content = bytes(1_000);
		await backUp([{ content, name: 'a' }]);
		drive.simulator.store.requests.length = 0;
		drive.simulator.store.failNext(faults.corrupt());
		const executed = await restore();
		expect(sha256(await bytesOf(executed, 'Next'))).toBe(sha256(content));
		expect(drive.simulator.store.requests).toHaveLength(2);
	});

	test('shares the parallel transfers among all items', async () => {
		await backUp(
			Array.from({ length: 6 }, (_, index) => ({ content: bytes(9, index), name: `${index}` })),
		);
		drive.simulator.line.roundTrip = 20;
		drive.simulator.store.mostInFlight = 0;
		const recordId = byId(records()[0]!.recordId);
		const workflow = filesWorkflow(drive.engine, [{}, {}, {}], {
			resource: 'backup',
			operation: 'restore',
			source: 'record',
			recordId,
			options: { parallelTransfers: 2 },
		});
		const executed = await drive.engine.run(workflow, drive.credential);
		expect(executed.items('Next')).toHaveLength(18);
		expect(drive.simulator.store.mostInFlight).toBe(2);
	});

	test('goes on with a file whose connection is reset repeatedly for a quarter of an hour', async () => {
		const content = bytes(1_000);
		await backUp([{ content, name: 'a' }]);
		let downloads = 0;
		drive.simulator.store.faultFor = ({ method }) => {
			if (method !== 'GET' || ++downloads > 18) return undefined;
			drive.clock.pass(50 * SECOND);
			return faults.reset(50);
		};
		const executed = await restore();
		expect(await bytesOf(executed, 'Next')).toEqual(content);
		expect(downloads).toBe(19);
	});

	test("fails immediately if n8n's storage is full", async () => {
		await backUp([{ content: bytes(1_000), name: 'a' }]);
		drive.simulator.store.requests.length = 0;
		const service = Container.get(BinaryDataService);
		const full = new Error('ENOSPC: no space left on device');
		jest.spyOn(service, 'store').mockImplementationOnce(async (_location, stream) => {
			await (stream as Readable)[Symbol.asyncIterator]().next();
			throw full;
		});
		const error = errorOf(await restore());
		expect(error.message).toMatch(/couldn't store the file's binary data .*no space left/);
		expect(drive.simulator.store.requests).toHaveLength(1);
	});

	test('restores the backup of a record, but not of one that is incomplete', async () => {
		const backup = await backUp([{ content: bytes(7), name: 'a' }]);
		const recordId = String(backup.json('Next')[0]!.recordId);
		const executed = await restore({ source: 'record', recordId: byId(recordId) });
		expect(executed.json('Next')).toMatchObject([{ fileName: 'a', size: 7, recordId }]);
		const incomplete = drive.simulator.records.create('100', deviceId, undefined).recordId;
		const error = errorOf(await restore({ source: 'record', recordId: byId(incomplete) }));
		expect(error.message).toContain("isn't complete");
	});

	test('fails for a record that is deleted while it is restored', async () => {
		await backUp([{ content: bytes(7), name: 'a' }]);
		drive.simulator.faultFor = ({ target }) => {
			if (target.endsWith('/files/download')) drive.simulator.records.files.clear();
			return undefined;
		};
		drive.simulator.store.faultFor = () => faults.storeError(404, 'NoSuchKey', 'gone');
		const executed = await restore();
		expect(errorOf(executed).message).toContain('"a" couldn\'t be downloaded');
		expect(executed.items('Next')).toEqual([]);
	});

	test('fails where the device has no completed backup', async () => {
		const error = errorOf(await restore());
		expect(error.message).toContain('no completed backup');
		expect(error.description).not.toContain('Nothing was sent');
	});
});
