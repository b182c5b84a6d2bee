import type { IDataObject } from 'n8n-workflow';

import type { Executed } from '../engine';
import type { GivenFile } from '../engine/files';
import { bytes, filesWorkflow, useBinaryMode } from '../engine/files';
import { byId, continueOnFail, errorOf, HOUR, MINUTE, useKooDrive } from '../setup';
import type { RecordedRequest } from '../simulator';
import { faults } from '../simulator';

/* Verify, and what a backup says of what it contains. */

const drive = useKooDrive();

let deviceId: string;
beforeEach(async () => {
	deviceId = drive.simulator.devices.bind('n8n', 'server-1', 'Linux').deviceId;
	await useBinaryMode('filesystem');
});

const ofDevice = () => ({ resource: 'backup', moduleCode: '100', deviceId: byId(deviceId) });

async function backUp(files: GivenFile[], options: IDataObject = {}): Promise<Executed> {
	const parameters = { ...ofDevice(), operation: 'backUp', options };
	const items = files.map((file) => ({ files: [file] }));
	const workflow = filesWorkflow(drive.engine, items, parameters);
	return await drive.engine.run(workflow, drive.credential);
}

async function run(
	operation: string,
	parameters: IDataObject = {},
	resource = 'backup',
): Promise<Executed> {
	const all = { ...ofDevice(), resource, operation, source: 'latest', ...parameters };
	const workflow = filesWorkflow(drive.engine, [{}], all);
	return await drive.engine.run(workflow, drive.credential);
}

const hintsOf = ({ run: { data } }: Executed) =>
	(data.resultData.runData.KooDrive!.at(-1)!.hints ?? []).map(({ message }) => message);

const records = () => [...drive.simulator.records.records.values()];

const files = ['a', 'b', 'c'].map((name, index) => ({ content: bytes(1_000, index), name }));

describe('Verify', () => {
	test('reads all files, and returns one item without binary data', async () => {
		await backUp(files);
		drive.simulator.store.requests.length = 0;
		const executed = await run('verify');
		const { recordId, createTime } = records()[0]!;
		expect(executed.json('Next')).toEqual([
			{
				recordId,
				createTime,
				files: 3,
				bytes: 3_000,
				durationSeconds: expect.any(Number) as number,
			},
		]);
		expect(executed.items('Next')[0]!.binary).toBeUndefined();
		expect(drive.simulator.store.requests).toHaveLength(3);
		expect(hintsOf(executed)[0]).toMatch(
			/^Verified 3 files \(3\.0 kB\) in less than 1 s, of the backup of /,
		);
	});

	test('looks at all files, and names those that are damaged with their reasons', async () => {
		await backUp([...files, { content: bytes(1_000, 9), name: 'd' }]);
		let downloads = 0;
		// What arrives damaged is downloaded once more.
		drive.simulator.store.faultFor = ({ method }) =>
			method === 'GET' && [2, 3, 5, 6].includes(++downloads) ? faults.corrupt() : undefined;
		const executed = await run('verify', { options: { parallelTransfers: 1 } });
		const { message, description } = errorOf(executed);
		expect(message).toContain('"b" couldn\'t be verified');
		expect(description).toContain('The same happened to "d".');
		expect(`${message}${description}`).not.toMatch(/"[ac]"/);
	});

	test('fails for a file that KooDrive lists without a checksum', async () => {
		await backUp(files);
		drive.simulator.records.files.get(records()[0]!.recordId)![1]!.sha256 = '';
		const executed = await run('verify');
		expect(errorOf(executed).message).toContain('KooDrive lists no size or no checksum');
	});

	test('fails for a file that the list lacks', async () => {
		await backUp(files);
		drive.simulator.records.files.get(records()[0]!.recordId)!.pop();
		const executed = await run('verify');
		expect(errorOf(executed).message).toContain('2 of 3 files');
	});

	test('verifies only the files that are named', async () => {
		await backUp(files);
		const { json } = await run('verify', { options: { fileNames: '!b' } });
		expect(json('Next')).toMatchObject([{ files: 2, bytes: 2_000 }]);
	});
});

describe('Created Before', () => {
	const times = ['2026-09-18T10:00:00Z', '2026-09-19T10:00:00Z', '2026-09-20T10:00:00Z'];

	test.each([
		['2026-09-20T00:00:00', 1],
		// The workflow is in New York, four hours behind.
		['2026-09-19T06:00:00', 0],
		['2026-09-19T06:00:01', 1],
		['2026-09-19T10:00:01Z', 1],
		['={{ DateTime.fromISO("2026-09-19T00:00:00Z") }}', 0],
		['={{ 1789999999000 }}', 2],
	])('takes the latest backup before %s', async (createdBefore, expected) => {
		drive.simulator.clock.set(Date.parse(times[2]!) + HOUR);
		const ids = times.map(
			(createTime) =>
				drive.simulator.records.create('100', deviceId, { status: 1, createTime }).recordId,
		);
		for (const recordId of ids)
			drive.simulator.files.add(recordId, { fileName: 'a', content: bytes(3) });
		for (const operation of ['verify', 'restore']) {
			const { json } = await run(operation, { options: { createdBefore } });
			expect(json('Next')).toMatchObject([
				{ recordId: ids[expected], createTime: times[expected] },
			]);
		}
	});

	test.each(['yesterday', true, '2026-13-01'])('rejects %j', async (createdBefore) => {
		const executed = await run('verify', { options: { createdBefore } });
		expect(errorOf(executed).message).toContain("'Created Before' must be a date and time");
		expect(drive.simulator.requests).toEqual([]);
	});

	test('says that there is none from before that time', async () => {
		drive.simulator.records.create('100', deviceId, { status: 1, createTime: times[0] });
		const options = { createdBefore: '2026-09-01T00:00:00Z' };
		const executed = await run('restore', { options });
		expect(errorOf(executed).message).toContain(
			"from before that time. Check 'Device', 'Backup Type', and 'Created Before'",
		);
	});
});

describe('a file that the store never returns', () => {
	// No signature contains this.
	const never = ({ target }: RecordedRequest) =>
		target.includes('never') ? faults.storeError(500, 'InternalError') : undefined;
	const add = (...names: string[]): string => {
		const { recordId } = drive.simulator.records.create('100', deviceId, { status: 1 });
		for (const fileName of names) {
			drive.simulator.files.add(recordId, { fileName, content: bytes(9, fileName.length) });
		}
		return recordId;
	};

	/** Verifies the record of each item. */
	const verifyEach = async (items: Array<{ json: IDataObject }>, options: IDataObject) => {
		const recordId = byId('={{ $json.id }}');
		const all = { ...ofDevice(), operation: 'verify', source: 'record', recordId, options };
		const workflow = filesWorkflow(drive.engine, items, all, continueOnFail);
		return await drive.engine.run(workflow, drive.credential);
	};

	test.each([{ maxConcurrency: 1 }, { parallelTransfers: 1 }])(
		"doesn't keep the backups after it from being verified: %j",
		async (options) => {
			const items = ['never', 'good', 'best'].map((name) => ({ json: { id: add(name) } }));
			drive.simulator.store.faultFor = never;
			const executed = await verifyEach(items, options);
			expect(executed.json('Next')).toMatchObject([
				{ error: expect.stringContaining('InternalError') as string },
				{ files: 1 },
				{ files: 1 },
			]);
		},
	);

	test('is no reason to fail the next backups, nor is a request for the space', async () => {
		const items = ['a', 'b'].map((name) => ({ json: { id: add(name) } }));
		const isSpace = ({ target }: RecordedRequest) => target.includes('/space/');
		const begun = drive.clock.monotonic();
		drive.simulator.faultFor = (request) =>
			isSpace(request) && drive.clock.monotonic() < begun + 9 * MINUTE
				? faults.status(503)
				: undefined;
		const executed = await verifyEach(items, { maxConcurrency: 1 });
		expect(executed.json('Next')).toMatchObject([
			{ error: expect.stringContaining('503') as string },
			{ files: 1 },
		]);
	});

	test("doesn't keep the files after it from being verified", async () => {
		add('never', 'good', 'last');
		drive.simulator.store.faultFor = never;
		const { message, description } = errorOf(
			await run('verify', { options: { parallelTransfers: 1 } }),
		);
		expect(message).toContain('"never" couldn\'t be verified');
		expect(description).not.toContain('good');
	});
});

describe('the summary of a backup', () => {
	const summary = {
		files: 3,
		bytes: 3_000,
		workflow: { id: 'workflow', name: expect.any(String) as string },
		execution: expect.any(String) as string,
	};

	test("is stored beside the user's own properties, whose digits stay", async () => {
		await backUp(files, { properties: '{ "big": 12345678901234567890 }' });
		const [record] = records();
		expect(record!.properties).toContain('"big": 12345678901234567890');
		expect(JSON.parse(record!.properties!)).toMatchObject({
			n8n: { recordId: record!.recordId, ...summary },
		});
		const { recordId } = record!;
		const got = await run('get', { recordId: byId(recordId) }, 'record');
		expect(got.json('Next')).toMatchObject([{ recordId, summary }]);
		const listed = await run('getAll', {}, 'record');
		expect(listed.json('Next')).toMatchObject([{ recordId, summary }]);
	});

	test.each([
		['[1]', 'must be a JSON object'],
		['{"n8n": 1}', 'must not contain "n8n"'],
	])(
		"rejects the user's properties %s before anything is created",
		async (properties, complaint) => {
			const executed = await backUp(files, { properties });
			expect(errorOf(executed).message).toContain(complaint);
			expect(drive.simulator.requests).toEqual([]);
		},
	);

	test('is left out if KooDrive rejects it, and the hint says so', async () => {
		drive.simulator.faultFor = ({ method, body }) =>
			method === 'PATCH' && String(body).includes('n8n')
				? faults.code(13000102, 'parameter check failed')
				: undefined;
		const executed = await backUp(files, { properties: '{"a":1}' });
		expect(executed.json('Next')).toMatchObject([{ status: 1, files: 3 }]);
		expect(records()).toMatchObject([{ status: 1, properties: '{"a":1}' }]);
		expect(hintsOf(executed).join(' ')).toContain('KooDrive rejected the summary');
	});
});

test('logs each minute how far a long transfer is', async () => {
	await backUp(files);
	drive.engine.log.length = 0;
	let requests = 0;
	const busy = faults.status(503, { 'Retry-After': '45' });
	drive.simulator.store.faultFor = ({ method }) =>
		method === 'GET' && ++requests <= 6 ? busy : undefined;
	await run('verify', { options: { parallelTransfers: 1 } });
	const lines = drive.engine.log.filter((line) => line.includes('have been verified'));
	expect(lines[0]).toMatch(
		/^info Execution .*: 0 of 3 files \(0 bytes of 3\.0 kB\) have been verified, at 0 bytes\/s$/,
	);
});
