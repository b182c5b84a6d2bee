import { faults } from '../../simulator';
import { appCredential, continueOnFail, errorOf, useKooDrive } from '../setup';
import { recordRunner } from './setup';

const drive = useKooDrive();
const run = recordRunner(drive);

const PATH = '/koodrive/ose/v1/backup/record';
const sent = () => drive.simulator.requests.map(({ method, target }) => `${method} ${target}`);
const newLock = () => drive.simulator.locks.create('100');

describe('Create', () => {
	const create = async (more: object = {}) =>
		await run({
			operation: 'create',
			moduleCode: '100',
			deviceId: 'server-1',
			lockId: newLock(),
			...more,
		});

	test('begins a backup under its lock and hands the record on', async () => {
		const { json } = await create({ properties: '{ "files": 1204 }' });
		const [request] = drive.simulator.requests;
		expect(request).toMatchObject({ method: 'POST', target: PATH });
		expect(request!.headers['x-backup-lock-id']).toMatch(/@100$/);
		expect(request!.body).toBe(
			'{"moduleCode":"100","deviceId":"server-1","properties":"{ \\"files\\": 1204 }"}',
		);
		expect(json('Next')).toEqual([
			expect.objectContaining({
				recordId: '1842862763295184641',
				status: 0,
				properties: '{ "files": 1204 }',
				parsedProperties: { files: 1204 },
			}),
		]);
	});

	test('sends no properties where there are none, and takes an object for the JSON that it stands for', async () => {
		await create({ properties: ' ' });
		await create({ properties: '={{ { files: 2 } }}' });
		const bodies = drive.simulator.requests.map(({ body }) => JSON.parse(body) as object);
		expect(bodies[0]).not.toHaveProperty('properties');
		expect(bodies[1]).toHaveProperty('properties', '{"files":2}');
	});

	test('leaves the digits of a long number in the properties alone', async () => {
		const properties = '{"id":1842862763295184641}';
		const { json } = await create({ properties });
		expect(json('Next')).toMatchObject([
			{ properties, parsedProperties: { id: '1842862763295184641' } },
		]);
	});

	test('is not repeated when it may have made a record, and says where to look for it', async () => {
		drive.simulator.failNext(faults.resetDuring());
		const error = errorOf(await create());
		expect(sent()).toHaveLength(1);
		expect(error.message).toBe(
			"The record was not created: KooDrive's answer was cut short (HTTP 200, ECONNRESET)",
		);
		expect(error.description).toContain('look for it with Get Many before you create another');
	});

	test('is repeated when it surely made none', async () => {
		drive.simulator.failNext(faults.status(503));
		expect((await create()).json('Next')).toHaveLength(1);
		expect(sent()).toHaveLength(2);
	});

	test('twice in a run makes two records', async () => {
		const parameters = { operation: 'create', moduleCode: '100', deviceId: 'a', lockId: newLock() };
		const { json } = await run(parameters, [{}, {}]);
		expect(new Set(json('Next').map(({ recordId }) => recordId)).size).toBe(2);
	});

	test('speaks of the lock when KooDrive does not know it', async () => {
		const { message, description } = errorOf(await create({ lockId: 'gone@100' }));
		expect(message).toContain('KooDrive does not know the lock of the backup any more');
		expect(description).toContain('Keep Alive');
	});
});

describe('Complete', () => {
	test.each([
		['{}', ''],
		['{"properties":"[1]"}', '[1]'],
	])('completes a backup with the body %s', async (body, properties) => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const { json } = await run({ operation: 'complete', recordId, lockId: newLock(), properties });
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(drive.simulator.requests[0]).toMatchObject({
			method: 'PATCH',
			target: `${PATH}/${recordId}`,
			body,
		});
		expect(drive.simulator.records.records.get(recordId)).toMatchObject({ status: 1, version: 2 });
	});

	test('is repeated when its outcome is unclear', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetDuring());
		const { json } = await run({ operation: 'complete', recordId, lockId: newLock() });
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(sent()).toHaveLength(2);
	});
});

describe('Delete', () => {
	test('deletes a record under a lock', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const { json } = await run({ operation: 'delete', recordId, lockId: newLock() });
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(drive.simulator.records.records.size).toBe(0);
	});

	test('fails when the try after an unclear one is refused for another reason', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetBefore(), faults.code(13000410, 'not allowed', 403));
		const executed = await run({ operation: 'delete', recordId, lockId: newLock() });
		expect(errorOf(executed).message).toContain(`Record "${recordId}" was not deleted`);
	});

	test('takes a record that is gone after an unclear try for deleted', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetDuring());
		const { json } = await run({ operation: 'delete', recordId, lockId: newLock() });
		expect(json('Next')).toMatchObject([{ code: 0, alreadyDeleted: true }]);
	});

	test('of a record that was never there fails, with the ID and without a word of renewing', async () => {
		const executed = await run({ operation: 'delete', recordId: '77', lockId: newLock() });
		const { message, description } = errorOf(executed);
		expect(message).toBe(
			'Record "77" was not deleted: KooDrive does not know this record, or its lock, any more (HTTP 400, code 13000309, "resource does not exist")',
		);
		expect(description).toContain('Record ID');
		expect(description).toContain('Lock ID');
	});

	test('names each record that failed when the workflow goes on', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const parameters = { operation: 'delete', recordId: '={{ $json.id }}', lockId: newLock() };
		const items = [{ id: '77' }, { id: recordId }];
		const { items: outputs } = await run(parameters, items, continueOnFail);
		expect(outputs('KooDrive')).toMatchObject([
			{ json: { recordId: '77', code: 13000309 }, pairedItem: { item: 0 } },
			{ json: { code: 0 }, pairedItem: { item: 1 } },
		]);
	});
});

describe('Get', () => {
	test('hands a record on', async () => {
		const record = drive.simulator.records.create('101', 'a', { properties: 'no JSON' });
		const { json } = await run({ operation: 'get', recordId: ` ${record.recordId}\n` });
		expect(json('Next')).toEqual([JSON.parse(JSON.stringify(record))]);
	});

	test.each(['a.', 'a..', '.a', '..a', '...'])(
		'takes dots for a part of the ID %s',
		async (recordId) => {
			drive.simulator.records.create('100', 'a', { recordId });
			const { json } = await run({ operation: 'get', recordId });
			expect(json('Next')).toMatchObject([{ recordId }]);
		},
	);

	test('encodes an ID into the path, where nothing of it can lead elsewhere', async () => {
		const recordId = '%2e?a=b&c#d;é+"';
		drive.simulator.records.create('100', 'a', { recordId });
		const credential = appCredential(drive);
		drive.credential = credential;
		const { json } = await run({ operation: 'get', recordId });
		expect(json('Next')).toMatchObject([{ recordId }]);
		expect(sent()).toEqual([`GET ${PATH}/%252e%3Fa%3Db%26c%23d%3B%C3%A9%2B%22`]);
	});

	test.each([
		['1842862763295184641', '1842862763295184641'],
		['42', '42'],
	])(
		'an ID that comes as the number %s is handed on as text, to the last digit',
		async (sentId, id) => {
			drive.simulator.failNext(faults.body(`{"code":0,"msg":"","data":{"recordId":${sentId}}}`));
			const { json } = await run({ operation: 'get', recordId: '1' });
			expect(json('Next')).toEqual([{ recordId: id }]);
		},
	);

	test('hands on properties that are no text as they came', async () => {
		drive.simulator.failNext(faults.body('{"code":0,"data":{"recordId":"1","properties":7}}'));
		const { json } = await run({ operation: 'get', recordId: '1' });
		expect(json('Next')).toEqual([{ recordId: '1', properties: 7 }]);
	});

	test.each([
		'{"code":0}',
		'{"code":0,"data":[]}',
		'{"code":0,"data":{}}',
		'{"code":0,"data":{"recordId":" "}}',
	])('an answer without a record fails: %s', async (body) => {
		drive.simulator.failNext(faults.body(body));
		const { message } = errorOf(await run({ operation: 'get', recordId: '1' }));
		expect(message).toBe('Record "1" was not read: KooDrive reported success but named no record');
	});

	test.each(['get', 'getFiles'])(
		'%s is sent again after a connection that broke off in its middle',
		async (operation) => {
			const { recordId } = drive.simulator.records.create('100', 'a');
			drive.simulator.failNext(faults.resetDuring());
			expect((await run({ operation, recordId })).run.status).toBe('success');
			expect(drive.simulator.requests).toHaveLength(2);
		},
	);

	test('is tried again as patiently as a renewal', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(...Array.from({ length: 8 }, () => faults.status(503)));
		expect((await run({ operation: 'get', recordId })).json('Next')).toMatchObject([{ recordId }]);
	});
});

describe('bad input', () => {
	test.each([
		["={{ '' }}", 'The Record ID is empty.'],
		[' ', 'The Record ID is empty.'],
		['={{ 1842862763295184641 }}', 'The Record ID is not text.'],
		['={{ null }}', 'The Record ID is empty.'],
		['.', 'The Record ID holds a blank, a slash'],
		['..', 'The Record ID holds a blank, a slash'],
		['../lock', 'The Record ID holds a blank, a slash'],
		['1\\2', 'The Record ID holds a blank, a slash'],
		['1 2', 'The Record ID holds a blank, a slash'],
		['1\u0000', 'The Record ID holds a blank, a slash'],
		['={{ "\\ud800" }}', 'The Record ID holds a blank, a slash'],
	])('the Record ID %j is refused before anything is sent', async (recordId, complaint) => {
		for (const operation of ['get', 'getFiles', 'complete', 'delete']) {
			const executed = await run({ operation, recordId, lockId: newLock() });
			expect(errorOf(executed).message).toContain(complaint);
		}
		expect(sent()).toEqual([]);
	});

	test.each([
		[{ deviceId: ' ' }, 'The Device ID is empty.'],
		[{ deviceId: '={{ 7 }}' }, 'The Device ID is not text.'],
		[{ lockId: ' ' }, 'The Lock ID is empty.'],
		[{ moduleCode: '7' }, 'The Module Code is none'],
		[{ properties: "{'a':1}" }, 'The Properties are not JSON.'],
	])('Create refuses %j', async (wrong, complaint) => {
		const parameters = { moduleCode: '100', deviceId: 'a', lockId: newLock(), ...wrong };
		const executed = await run({ operation: 'create', ...parameters });
		expect(errorOf(executed).message).toContain(complaint);
		expect(sent()).toEqual([]);
	});

	test.each([0, -1, 1.5, 'many', ''])('Get Many refuses the Limit %j', async (limit) => {
		const executed = await run({ operation: 'getAll', moduleCode: '100', limit });
		expect(errorOf(executed).message).toBe(
			'The list of records was not read: The Limit is not a whole number of at least 1. Correct it; its default is 50.',
		);
		expect(sent()).toEqual([]);
	});
});

test('KooDrive that finds the lock header missing makes the error name the Lock ID', async () => {
	const { recordId } = drive.simulator.records.create('100', 'a');
	drive.simulator.failNext(faults.code(13000102, 'parameter check failed', 400));
	const { description } = errorOf(await run({ operation: 'complete', recordId, lockId: 'a@100' }));
	expect(description).toContain('Lock ID');
});

test.each([
	['get', { recordId: '1' }, 'Check the Record ID'],
	['getFiles', { recordId: '1' }, 'Check the Record ID'],
	['getAll', { moduleCode: '100' }, 'Check the Module Code and the Device ID'],
])('a parameter of %s that KooDrive refuses is named', async (operation, parameters, hint) => {
	drive.simulator.failNext(faults.code(13000102, 'parameter check failed', 400));
	expect(errorOf(await run({ operation, ...parameters })).description).toContain(hint);
});

test('a token that a server repeats in a record does not get out', async () => {
	const { accessToken } = drive.simulator.account;
	drive.simulator.failNext(
		faults.body(JSON.stringify({ code: 0, data: { recordId: '1', properties: accessToken } })),
	);
	const executed = await run({ operation: 'get', recordId: '1' });
	expect(executed.json('Next')).toEqual([{ recordId: '1', properties: '***' }]);
	expect(JSON.stringify(executed.run)).not.toContain(accessToken);
});
