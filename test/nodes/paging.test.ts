import type { RecordedRequest } from '../simulator';
import { faults } from '../simulator';
import { appCredential, byId, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

function records(count: number, deviceId = 'server-1'): string[] {
	return Array.from(
		{ length: count },
		() => drive.simulator.records.create('100', deviceId).recordId,
	);
}

const getMany = async (more: object = {}) =>
	await drive.runRecord({ operation: 'getAll', moduleCode: '100', returnAll: true, ...more });
const idsIn = ({ json }: Awaited<ReturnType<typeof drive.runRecord>>) =>
	json('Next').map(({ recordId }) => recordId);
const query = ({ target }: RecordedRequest) => new URL(target, 'http://host').searchParams;
const pageSizes = () => drive.simulator.requests.map((request) => query(request).get('pageSize'));

test.each([0, 1, 99, 100, 101, 250])(
	'returns all of %d records once and in order',
	async (count) => {
		const ids = records(count);
		const executed = await getMany();
		expect(idsIn(executed)).toEqual(ids);
		expect(
			executed
				.items('KooDrive')
				.every(({ pairedItem }) => JSON.stringify(pairedItem) === '{"item":0}'),
		).toBe(true);
		expect(pageSizes()).toHaveLength(Math.max(1, Math.ceil(count / 100)));
	},
);

test('sends no deviceId for the list of all devices', async () => {
	await getMany();
	const [{ target }] = drive.simulator.requests as [RecordedRequest];
	expect(target.split('?')[1]).toBe('moduleCode=100&pageSize=100');
});

test('requests no more records than the Limit needs', async () => {
	const ids = records(300);
	expect(idsIn(await getMany({ returnAll: false, limit: 130 }))).toEqual(ids.slice(0, 130));
	expect(pageSizes()).toEqual(['100', '30']);
});

test('returns 50 records by default', async () => {
	records(60);
	expect(idsIn(await drive.runRecord({ operation: 'getAll', moduleCode: '100' }))).toHaveLength(50);
	expect(pageSizes()).toEqual(['50']);
});

test('obeys the Limit where an expression turns Return All off with a text', async () => {
	const ids = records(60);
	const executed = await getMany({ returnAll: '={{ " FALSE" }}', limit: 3 });
	expect(idsIn(executed)).toEqual(ids.slice(0, 3));
});

test('cuts a page with more records than requested', async () => {
	const data = Array.from({ length: 9 }, (_, index) => ({ recordId: `${index}` }));
	drive.simulator.failNext(faults.body(JSON.stringify({ code: 0, data })));
	expect(idsIn(await getMany({ returnAll: false, limit: 3 }))).toEqual(['0', '1', '2']);
});

test('continues after a short page and after an empty one', async () => {
	const ids = records(7);
	drive.simulator.records.longestPage = 3;
	drive.simulator.failNext(faults.body('{"code":0,"data":[],"nextCursor":"+/=& 0!\'()*ü"}'));
	expect(idsIn(await getMany())).toEqual(ids);
	expect(pageSizes()).toHaveLength(4);
});

test.each(['', ',"nextCursor":""', ',"nextCursor":null'])(
	'stops at an empty or missing cursor: %j',
	async (cursor) => {
		drive.simulator.failNext(faults.body(`{"code":0,"data":[{"recordId":"1"}]${cursor}}`));
		expect(idsIn(await getMany())).toEqual(['1']);
		expect(pageSizes()).toHaveLength(1);
	},
);

test('sends a cursor that is a number unchanged', async () => {
	drive.simulator.failNext(faults.body('{"code":0,"data":[],"nextCursor":7}'));
	await getMany();
	expect(drive.simulator.requests.map((request) => query(request).get('cursor'))).toEqual([
		null,
		'7',
	]);
});

test('returns no records for a list without data', async () => {
	drive.simulator.failNext(faults.body('{"code":0,"msg":"success","data":null}'));
	expect(idsIn(await getMany())).toEqual([]);
});

test('fails when a cursor repeats', async () => {
	let page = 0;
	drive.simulator.faultFor = () =>
		faults.body(`{"code":0,"data":[{"recordId":"1"}],"nextCursor":"${page++ % 3}"}`);
	const { message, description } = errorOf(await getMany());
	expect(message).toBe(
		'The list of records was not read: KooDrive returned the same page of the list twice',
	);
	expect(description).toContain('Run the node again');
	expect(pageSizes()).toHaveLength(4);
});

test.each([
	['repeat', '{"recordId":"1"},{"recordId":"2"}'],
	['are empty', ''],
	['repeat entries without an ID', '{"status":1}'],
])('fails soon when pages %s, with a new cursor each time', async (_what, data) => {
	let page = 0;
	drive.simulator.faultFor = () =>
		faults.body(`{"code":0,"data":[${data}],"nextCursor":"${++page}"}`);
	const { message } = errorOf(await getMany());
	expect(message).toContain('page after page of the list without anything new');
	expect(pageSizes().length).toBeLessThanOrEqual(11);
});

describe('where a page is larger than 1 MiB', () => {
	/** Adds records with properties of this many bytes; returns their IDs. */
	function large(count: number, bytes: number): string[] {
		const properties = JSON.stringify({ text: 'x'.repeat(bytes) });
		return Array.from(
			{ length: count },
			() => drive.simulator.records.create('100', 'server-1', { status: 1, properties }).recordId,
		);
	}

	test('reads the list again from its beginning in smaller pages', async () => {
		const ids = [...large(30, 12_000), ...large(120, 100_000)];
		expect(idsIn(await getMany())).toEqual(ids);
		expect(pageSizes().slice(0, 3)).toEqual(['100', '25', '25']);
		expect(pageSizes().at(-1)).toBe('6');
	});

	test('goes down to one entry, and returns none twice', async () => {
		const ids = [...records(210), ...large(3, 600_000)];
		expect(idsIn(await getMany())).toEqual(ids);
		expect(pageSizes().at(-1)).toBe('1');
	});

	test('returns no more than the Limit', async () => {
		const ids = large(150, 12_000);
		expect(idsIn(await getMany({ returnAll: false, limit: 120 }))).toEqual(ids.slice(0, 120));
		const few = await getMany({ returnAll: false, limit: 10 });
		expect(idsIn(few)).toEqual(ids.slice(0, 10));
		expect(pageSizes().at(-1)).toBe('10');
	});

	test('fails if one entry is larger', async () => {
		large(2, 1_100_000);
		expect(errorOf(await getMany()).message).toContain('larger than 1 MiB');
		expect(pageSizes()).toEqual(['100', '25', '6', '1']);
	});

	test('deletes old backups, and finds the latest one', async () => {
		const ids = large(100, 12_000);
		const deviceId = 'server-1';
		const backup = { resource: 'backup', moduleCode: '100', deviceId };
		const deleted = await drive.runRecord({
			...backup,
			operation: 'deleteOld',
			retention: { keepLast: 98 },
		});
		expect(deleted.json('Next')).toMatchObject([{ deleted: 2, kept: 98 }]);
		await drive.runRecord({ ...backup, operation: 'restore', source: 'latest' });
		expect(drive.simulator.requests.at(-1)!.target).toContain(`${ids.at(-1)}/files`);
	});
});

test('neither loses nor repeats a record when pages are retried', async () => {
	const ids = records(450);
	let count = 0;
	drive.simulator.faultFor = () =>
		[faults.resetDuring(), faults.status(503), undefined][count++ % 3];
	expect(idsIn(await getMany())).toEqual(ids);
	expect(pageSizes()).toHaveLength(15);
});

test('returns no records when one page fails', async () => {
	records(250);
	let count = 0;
	drive.simulator.faultFor = () =>
		count++ === 1 ? faults.code(13000410, 'not allowed', 403) : undefined;
	const executed = await getMany();
	expect(errorOf(executed).message).toContain('The list of records was not read');
	expect(executed.json('Next')).toEqual([]);
});

test('signs a request with a cursor that needs encoding', async () => {
	const ids = records(230);
	drive.credential = appCredential(drive);
	expect(idsIn(await getMany())).toEqual(ids);
	expect(query(drive.simulator.requests[1]!).get('cursor')).toBe("+/=& 100!'()*ü");
});

test('filters the list by Device ID, percent-encoded', async () => {
	records(3, 'a');
	const ids = records(2, 'b & c/ü');
	drive.credential = appCredential(drive);
	expect(idsIn(await getMany({ filters: { deviceId: byId('b & c/ü') } }))).toEqual(ids);
});

test('filters the list by Backup Type', async () => {
	records(3);
	const { recordId } = drive.simulator.records.create('102', 'a');
	expect(idsIn(await getMany({ moduleCode: '102' }))).toEqual([recordId]);
});

test('reads several lists at the same time and returns their records in the order of the items', async () => {
	const [one, two] = [records(120, 'one'), records(120, 'two')];
	const parameters = {
		operation: 'getAll',
		moduleCode: '100',
		returnAll: true,
		filters: { deviceId: byId('={{ $json.device }}') },
	};
	const executed = await drive.runRecord(parameters, [{ device: 'one' }, { device: 'two' }]);
	expect(idsIn(executed)).toEqual([...one, ...two]);
	expect(
		executed.items('KooDrive').map(({ pairedItem }) => (pairedItem as { item: number }).item),
	).toEqual([...Array<number>(120).fill(0), ...Array<number>(120).fill(1)]);
});

test('returns the files of a record with sizes as numbers and IDs as text', async () => {
	const { recordId } = drive.simulator.records.create('100', 'a');
	const files = Array.from({ length: 130 }, (_, index) => ({
		fileId: `${1842862763295184641n + BigInt(index)}`,
		fileName: `photo ${index}.jpg`,
		sha256: '0'.repeat(64),
		size: 1024,
		description: '',
		createTime: '2025-11-03T07:01:40Z',
	}));
	drive.simulator.records.files.set(recordId, files);
	const { json } = await drive.runRecord({
		resource: 'file',
		operation: 'getAll',
		recordId,
		returnAll: true,
	});
	expect(json('Next')).toEqual(files);
	expect(drive.simulator.requests.map(({ target }) => target.split('/').at(-1))).toEqual([
		'files?pageSize=100',
		expect.stringMatching(/^files\?pageSize=100&cursor=[^&]+$/) as string,
	]);
});

test('names a record that does not exist when its files are listed', async () => {
	const { message } = errorOf(
		await drive.runRecord({ resource: 'file', operation: 'getAll', recordId: '7' }),
	);
	expect(message).toContain('Record "7" was not searched for files: the record doesn\'t exist');
});
