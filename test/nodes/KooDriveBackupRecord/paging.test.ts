import type { RecordedRequest } from '../../simulator';
import { faults } from '../../simulator';
import { appCredential, errorOf, useKooDrive } from '../setup';
import { recordRunner } from './setup';

const drive = useKooDrive();
const run = recordRunner(drive);

function records(count: number, deviceId = 'server-1'): string[] {
	return Array.from(
		{ length: count },
		() => drive.simulator.records.create('100', deviceId).recordId,
	);
}

const getMany = async (more: object = {}) =>
	await run({ operation: 'getAll', moduleCode: '100', returnAll: true, ...more });
const idsIn = ({ json }: Awaited<ReturnType<typeof run>>) =>
	json('Next').map(({ recordId }) => recordId);
const query = ({ target }: RecordedRequest) => new URL(target, 'http://host').searchParams;
const pageSizes = () => drive.simulator.requests.map((request) => query(request).get('pageSize'));

test.each([0, 1, 99, 100, 101, 250])(
	'all of %d records arrive, each once, in order',
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

test('a list of all devices asks for no device', async () => {
	await getMany();
	const [{ target }] = drive.simulator.requests as [RecordedRequest];
	expect(target.split('?')[1]).toBe('moduleCode=100&pageSize=100');
});

test('no page asks for more than the limit still needs, and none is asked for beyond it', async () => {
	const ids = records(300);
	expect(idsIn(await getMany({ returnAll: false, limit: 130 }))).toEqual(ids.slice(0, 130));
	expect(pageSizes()).toEqual(['100', '30']);
});

test('the limit is 50 unless it is set', async () => {
	records(60);
	expect(idsIn(await run({ operation: 'getAll', moduleCode: '100' }))).toHaveLength(50);
	expect(pageSizes()).toEqual(['50']);
});

test('a page with more than was asked for is cut', async () => {
	const data = Array.from({ length: 9 }, (_, index) => ({ recordId: `${index}` }));
	drive.simulator.failNext(faults.body(JSON.stringify({ code: 0, data })));
	expect(idsIn(await getMany({ returnAll: false, limit: 3 }))).toEqual(['0', '1', '2']);
});

test('short pages and an empty one are not the end', async () => {
	const ids = records(7);
	drive.simulator.records.longestPage = 3;
	drive.simulator.failNext(faults.body('{"code":0,"data":[],"nextCursor":"+/=& 0!\'()*ü"}'));
	expect(idsIn(await getMany())).toEqual(ids);
	expect(pageSizes()).toHaveLength(4);
});

test.each(['', ',"nextCursor":""', ',"nextCursor":null'])(
	'an empty or missing cursor is the end: %j',
	async (cursor) => {
		drive.simulator.failNext(faults.body(`{"code":0,"data":[{"recordId":"1"}]${cursor}}`));
		expect(idsIn(await getMany())).toEqual(['1']);
		expect(pageSizes()).toHaveLength(1);
	},
);

test('a cursor that is a number is sent as it came', async () => {
	drive.simulator.failNext(faults.body('{"code":0,"data":[],"nextCursor":7}'));
	await getMany();
	expect(drive.simulator.requests.map((request) => query(request).get('cursor'))).toEqual([
		null,
		'7',
	]);
});

test('a list without data is an empty list', async () => {
	drive.simulator.failNext(faults.body('{"code":0,"msg":"success","data":null}'));
	expect(idsIn(await getMany())).toEqual([]);
});

test('a cursor that comes again ends in an error, never in a circle', async () => {
	let page = 0;
	drive.simulator.faultFor = () =>
		faults.body(`{"code":0,"data":[{"recordId":"1"}],"nextCursor":"${page++ % 3}"}`);
	const { message, description } = errorOf(await getMany());
	expect(message).toBe(
		'The list of records was not read: KooDrive named a page of the list that had been read already',
	);
	expect(description).toContain('Run the step again');
	expect(pageSizes()).toHaveLength(4);
});

test('nothing is lost or doubled when pages fail in passing', async () => {
	const ids = records(450);
	let count = 0;
	drive.simulator.faultFor = () =>
		[faults.resetDuring(), faults.status(503), undefined][count++ % 3];
	expect(idsIn(await getMany())).toEqual(ids);
	expect(pageSizes()).toHaveLength(15);
});

test('a page that fails for good fails the item, and nothing half is handed on', async () => {
	records(250);
	let count = 0;
	drive.simulator.faultFor = () =>
		count++ === 1 ? faults.code(13000410, 'not allowed', 403) : undefined;
	const executed = await getMany();
	expect(errorOf(executed).message).toContain('The list of records was not read');
	expect(executed.json('Next')).toEqual([]);
});

test.each([
	'{"code":0,"data":{}}',
	'{"code":0,"data":[1]}',
	'{"code":0,"data":[null]}',
	'{"code":0,"data":[],"nextCursor":{}}',
])('an answer that is no list fails: %s', async (body) => {
	drive.simulator.failNext(faults.body(body));
	expect(errorOf(await getMany()).message).toContain('the list is not one of records');
});

test('a signed request with a cursor that needs encoding is accepted', async () => {
	const ids = records(230);
	drive.credential = appCredential(drive);
	expect(idsIn(await getMany())).toEqual(ids);
	expect(query(drive.simulator.requests[1]!).get('cursor')).toBe("+/=& 100!'()*ü");
});

test('the Device ID narrows the list, percent-encoded', async () => {
	records(3, 'a');
	const ids = records(2, 'b & c/ü');
	drive.credential = appCredential(drive);
	expect(idsIn(await getMany({ deviceId: 'b & c/ü' }))).toEqual(ids);
});

test('the Module Code narrows the list', async () => {
	records(3);
	const { recordId } = drive.simulator.records.create('102', 'a');
	expect(idsIn(await getMany({ moduleCode: '102' }))).toEqual([recordId]);
});

test('several lists are read at once, and their records come in the order of the items', async () => {
	const [one, two] = [records(120, 'one'), records(120, 'two')];
	const parameters = {
		operation: 'getAll',
		moduleCode: '100',
		returnAll: true,
		deviceId: '={{ $json.device }}',
	};
	const executed = await run(parameters, [{ device: 'one' }, { device: 'two' }]);
	expect(idsIn(executed)).toEqual([...one, ...two]);
	expect(
		executed.items('KooDrive').map(({ pairedItem }) => (pairedItem as { item: number }).item),
	).toEqual([...Array<number>(120).fill(0), ...Array<number>(120).fill(1)]);
});

test('the files of a record arrive in pages, with sizes as numbers and IDs as text', async () => {
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
	const { json } = await run({ operation: 'getFiles', recordId, returnAll: true });
	expect(json('Next')).toEqual(files);
	expect(drive.simulator.requests.map(({ target }) => target.split('/').at(-1))).toEqual([
		'files?pageSize=100',
		expect.stringMatching(/^files\?pageSize=100&cursor=[^&]+$/) as string,
	]);
});

test('the files of a record that is gone are told with its ID', async () => {
	const { message } = errorOf(await run({ operation: 'getFiles', recordId: '7' }));
	expect(message).toContain(
		'Record "7" was not searched for files: KooDrive does not know this record',
	);
});
