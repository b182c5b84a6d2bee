import type { INodeListSearchItems, INodeListSearchResult, INodeParameters } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { BACKUP_NODE_TYPE } from '../engine';
import { faults } from '../simulator';
import { appCredential, byId, useKooDrive } from '../setup';

// The lists use the machine's clock.
const drive = useKooDrive('real');

async function search(
	method: 'searchDevices' | 'searchRecords' | 'searchCompletedRecords',
	filter?: string,
	parameters: INodeParameters = {},
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const context = await drive.engine.startListSearch(
		BACKUP_NODE_TYPE,
		parameters,
		drive.credential,
	);
	const list = drive.engine.recordNode.methods!.listSearch![method]!;
	return await list.call(context, filter, paginationToken);
}

async function complaint(method: 'searchDevices' | 'searchRecords'): Promise<NodeApiError> {
	const error: unknown = await search(method).catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(NodeApiError);
	return error as NodeApiError;
}

const names = ({ results }: INodeListSearchResult) => results.map(({ name }) => name);
const sent = () => drive.simulator.requests.map(({ method, target }) => `${method} ${target}`);

function record(createTime: string, more: object = {}, moduleCode = '100', deviceId = 'a') {
	return drive.simulator.records.create(moduleCode, deviceId, { createTime, ...more });
}

test('offers a list for every Device and Record field', () => {
	const { description, methods } = drive.engine.recordNode;
	const searched = description.properties
		.filter(({ type }) => type === 'resourceLocator')
		.flatMap(({ modes }) => modes ?? [])
		.flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []);
	expect([...new Set(searched)].sort()).toEqual(Object.keys(methods!.listSearch!).sort());
});

describe('devices', () => {
	test('lists devices by name and operating system', async () => {
		const { devices } = drive.simulator;
		const two = devices.bind('two', 'file-server-10', 'Linux');
		const one = devices.bind('one', 'file-server-2', 'Windows 11');
		expect((await search('searchDevices')).results).toEqual([
			{ name: 'file-server-2, Windows 11', value: one.deviceId },
			{ name: 'file-server-10, Linux', value: two.deviceId },
		]);
		expect(sent()).toEqual(['GET /koodrive/ose/v1/backup/device']);
	});

	test.each([
		['LINUX', ['file-server-1, Linux']],
		['server, linux', ['file-server-1, Linux']],
		['server', ['file-server-1, Linux', 'file-server-2, Windows']],
		[' ', ['file-server-1, Linux', 'file-server-2, Windows']],
		['none', []],
	])('finds devices by words: %j', async (filter, found) => {
		drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		drive.simulator.devices.bind('two', 'file-server-2', 'Windows');
		expect(names(await search('searchDevices', filter))).toEqual(found);
	});

	test('finds a device by its ID', async () => {
		const { deviceId } = drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		expect(names(await search('searchDevices', deviceId))).toEqual(['file-server-1, Linux']);
	});

	test('signs its requests', async () => {
		drive.credential = appCredential(drive);
		drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		expect(names(await search('searchDevices'))).toEqual(['file-server-1, Linux']);
	});

	test('says how to bind the first one', async () => {
		await expect(search('searchDevices')).rejects.toThrow("the operation 'Bind'");
	});

	test('names a device without a name by its ID', async () => {
		drive.simulator.failNext(faults.body('{"code":0,"data":[{"deviceId":"7"}]}'));
		expect((await search('searchDevices')).results).toEqual([{ name: '7', value: '7' }]);
	});
});

describe('records', () => {
	test('lists the records of all module codes by time, state and device, newest first', async () => {
		const { deviceId } = drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		const first = record('2026-11-22T01:00:00Z', { status: 1 }, '100', deviceId);
		const third = record('2026-11-24T01:00:00Z', { status: 2 }, '101', deviceId);
		const second = record('2026-11-23T01:00:00Z', {}, '102', 'unbound');
		expect((await search('searchRecords')).results).toEqual([
			{
				name: local('2026-11-24T01:00:00Z', 'to be deleted, file-server-1'),
				value: third.recordId,
			},
			{ name: local('2026-11-23T01:00:00Z', 'incomplete, unbound'), value: second.recordId },
			{ name: local('2026-11-22T01:00:00Z', 'completed, file-server-1'), value: first.recordId },
		]);
	});

	test('lists only the records of the Backup Type and the Device of the node', async () => {
		record('2026-11-22T01:00:00Z', {}, '100', 'a');
		record('2026-11-23T01:00:00Z', {}, '101', 'a');
		record('2026-11-24T01:00:00Z', {}, '101', 'b');
		const parameters = { moduleCode: '101', deviceId: byId(' b ') as INodeParameters };
		const { results } = await search('searchRecords', undefined, parameters);
		expect(results).toEqual([
			{ name: local('2026-11-24T01:00:00Z', 'incomplete, b'), value: idOf(2) },
		]);
		expect(sent().filter((line) => line.includes('/record'))).toEqual([
			'GET /koodrive/ose/v1/backup/record?moduleCode=101&deviceId=b&pageSize=100',
		]);
	});

	test('lists all records if the Backup Type is an expression', async () => {
		record('2026-11-22T01:00:00Z', {}, '102');
		const parameters = {
			moduleCode: '={{ $json.moduleCode }}',
			deviceId: byId('') as INodeParameters,
		};
		expect((await search('searchRecords', undefined, parameters)).results).toHaveLength(1);
	});

	test('reads all pages, sorts them, and offers 100 records at a time', async () => {
		drive.simulator.records.longestPage = 40;
		const minutes = Array.from({ length: 230 }, (_, index) => (index * 37) % 230);
		for (const minute of minutes) {
			record(new Date(Date.UTC(2026, 10, 24, 0, minute)).toISOString());
		}
		const found: INodeListSearchItems[] = [];
		let token: string | undefined;
		const sizes: number[] = [];
		do {
			const { results, paginationToken } = await search('searchRecords', undefined, {}, token);
			found.push(...results);
			sizes.push(results.length);
			token = paginationToken as string | undefined;
		} while (token !== undefined);
		expect(sizes).toEqual([100, 100, 30]);
		const times = found.map(({ name }) => name.slice(0, 19));
		expect(times).toEqual([...new Set(times)].sort().reverse());
	});

	test('finds records by words, in all pages', async () => {
		for (let day = 1; day <= 28; day++) {
			record(`2026-02-${String(day).padStart(2, '0')}T12:00:00Z`, { status: day % 2 });
		}
		drive.simulator.records.longestPage = 10;
		const found = await search('searchRecords', '2026-02 completed');
		expect(found.results).toHaveLength(14);
		expect(found.paginationToken).toBeUndefined();
	});

	test('sorts records of the same time, and those without one, by their IDs', async () => {
		record('2026-11-22T01:00:00Z');
		record('2026-11-22T01:00:00Z');
		record('unreadable');
		record('');
		const { results } = await search('searchRecords');
		expect(results.map(({ value }) => value)).toEqual([1, 0, 3, 2].map(idOf));
		expect(names({ results }).slice(2)).toEqual(['incomplete, a', 'unreadable, incomplete, a']);
	});

	test('shows what a record contains if it has another shape', async () => {
		const data = [{ recordId: 7, status: 9, deviceInfo: { deviceName: 'named' } }];
		drive.simulator.faultFor = ({ target }) =>
			target.includes('moduleCode=100')
				? faults.body(JSON.stringify({ code: 0, data }))
				: undefined;
		expect((await search('searchRecords')).results).toEqual([
			{ name: 'status 9, named', value: '7' },
		]);
	});

	test.each([
		['are rejected', faults.code(13000410, 'not allowed', 403)],
		['are no list', faults.body('{"code":0,"data":7}')],
	])('lists records even if the devices %s', async (_what, fault) => {
		record('2026-11-22T01:00:00Z');
		drive.simulator.faultFor = ({ target }) => (target.includes('/device') ? fault : undefined);
		expect(names(await search('searchRecords'))).toEqual([
			local('2026-11-22T01:00:00Z', 'incomplete, a'),
		]);
	});
});

test('offers only completed records to restore, with what they contain', async () => {
	const id = idOf(0);
	const summary = { recordId: id, files: 1204, bytes: 3_400_000_000 };
	const properties = JSON.stringify({ n8n: { ...summary, workflow: {}, execution: '7' } });
	record('2026-11-22T01:00:00Z', { status: 1, properties });
	record('2026-11-23T01:00:00Z', { status: 0 });
	record('2026-11-24T01:00:00Z', { status: 2 });
	expect((await search('searchCompletedRecords')).results).toEqual([
		{ name: local('2026-11-22T01:00:00Z', '1,204 files, 3.4 GB, a'), value: id },
	]);
});

describe('errors', () => {
	test.each([
		['searchDevices', "The devices can't be listed"],
		['searchRecords', "The backup records can't be listed"],
	] as const)('explains a rejected token in the list: %s', async (method, headline) => {
		drive.credential.accessToken = 'a-token-that-has-expired';
		const { message, description, httpCode } = await complaint(method);
		expect(message).toContain(`${headline}: `);
		expect(message).toContain('access token');
		expect(description).toContain('Open the KooDrive API credential');
		expect(description).toContain("select 'By ID'");
		expect(httpCode).toBe('401');
	});

	test('explains an endpoint that is not valid', async () => {
		drive.credential.endpoint = 'koodrive';
		const { message, description } = await complaint('searchDevices');
		expect(message).toContain("The devices can't be listed: 'Endpoint'");
		expect(description).toContain('Open the KooDrive API credential and correct it.');
	});

	test('explains a response that is not a list', async () => {
		drive.simulator.failNext(faults.body('{"code":0,"data":7}'));
		const { message } = await complaint('searchDevices');
		expect(message).toContain("KooDrive reported success, but didn't return a list");
	});

	test('repeats no secret', async () => {
		drive.simulator.failNext(faults.echo(401));
		const error = await complaint('searchDevices');
		expect(JSON.stringify(error) + error.message).not.toContain(drive.credential.accessToken);
	});

	test('retries a transient error up to three times', async () => {
		drive.simulator.devices.bind('one', 'file-server-1', 'Linux');
		drive.simulator.failNext(faults.resetBefore());
		expect(names(await search('searchDevices'))).toHaveLength(1);
		drive.simulator.failNext(...[1, 2, 3].map(() => faults.status(503)));
		await complaint('searchDevices');
		expect(sent()).toHaveLength(5);
	});
});

test('passes on the error of a node without a credential', async () => {
	const context = await drive.engine.startListSearch(BACKUP_NODE_TYPE, {}, drive.credential);
	Object.assign(context, { node: { ...context.getNode(), credentials: undefined } });
	const { searchDevices } = drive.engine.recordNode.methods!.listSearch!;
	await expect(searchDevices!.call(context)).rejects.toThrow('credentials');
});

/** The ID of the record that was created after this many others. */
function idOf(index: number): string {
	return String(1_842_862_763_295_184_641n + BigInt(index));
}

function local(createTime: string, rest: string): string {
	// The list is in n8n's time zone, which is America/New_York unless it is set.
	const zone = 'America/New_York';
	const time = new Date(createTime).toLocaleString('sv-SE', { timeZone: zone });
	return `${time} EST, ${rest}`;
}
