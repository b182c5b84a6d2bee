import { faults } from '../simulator';
import { appCredential, continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

const PATH = '/koodrive/ose/v1/backup/record';

const sent = () => drive.simulator.requests.map(({ method, target }) => `${method} ${target}`);

const newLock = () => drive.simulator.locks.create('100');

const additionalFields = (properties: string) => ({ additionalFields: { properties } });

describe('Create', () => {
	const create = async (more: object = {}) =>
		await drive.runRecord({
			operation: 'create',
			moduleCode: '100',
			deviceId: 'server-1',
			lockId: newLock(),
			...more,
		});

	test('creates a record with its lock and returns it', async () => {
		const { json } = await create(additionalFields('{ "files": 1204 }'));
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

	test('omits empty Properties and converts an object to JSON', async () => {
		await create(additionalFields(' '));
		await create(additionalFields('={{ { files: 2 } }}'));
		const bodies = drive.simulator.requests.map(({ body }) => JSON.parse(body) as object);
		expect(bodies[0]).not.toHaveProperty('properties');
		expect(bodies[1]).toHaveProperty('properties', '{"files":2}');
	});

	test('keeps all digits of a long number in the Properties', async () => {
		const properties = '{"id":1842862763295184641}';
		const { json } = await create(additionalFields(properties));
		expect(json('Next')).toMatchObject([
			{ properties, parsedProperties: { id: '1842862763295184641' } },
		]);
	});

	test('does not retry when it may have created a record, and says how to find it', async () => {
		drive.simulator.failNext(faults.resetDuring());
		const error = errorOf(await create());
		expect(sent()).toHaveLength(1);
		expect(error.message).toBe(
			"The record was not created: KooDrive's response was truncated (HTTP 200, ECONNRESET)",
		);
		expect(error.description).toContain("Check with 'Get Many'");
	});

	test('retries when it cannot have created a record', async () => {
		drive.simulator.failNext(faults.status(503));
		expect((await create()).json('Next')).toHaveLength(1);
		expect(sent()).toHaveLength(2);
	});

	test('creates one record per item, even with the same parameters', async () => {
		const parameters = { operation: 'create', moduleCode: '100', deviceId: 'a', lockId: newLock() };
		const { json } = await drive.runRecord(parameters, [{}, {}]);
		expect(new Set(json('Next').map(({ recordId }) => recordId)).size).toBe(2);
	});

	test('names the lock when it does not exist', async () => {
		const { message, description } = errorOf(await create({ lockId: 'gone@100' }));
		expect(message).toContain("the backup's lock doesn't exist or has expired");
		expect(description).toContain(
			"'Keep Alive' ends with the workflow that it runs in, so after a failure execute the workflow from the beginning.",
		);
	});
});

describe('Complete', () => {
	test.each([
		['{}', ''],
		['{"properties":"[1]"}', '[1]'],
	])('completes a record with the body %s', async (body, properties) => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const { json } = await drive.runRecord({
			operation: 'complete',
			recordId,
			lockId: newLock(),
			...additionalFields(properties),
		});
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(drive.simulator.requests[0]).toMatchObject({
			method: 'PATCH',
			target: `${PATH}/${recordId}`,
			body,
		});
		expect(drive.simulator.records.records.get(recordId)).toMatchObject({ status: 1, version: 2 });
	});

	test('retries when the outcome is unclear', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetDuring());
		const { json } = await drive.runRecord({ operation: 'complete', recordId, lockId: newLock() });
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(sent()).toHaveLength(2);
	});
});

describe('Delete', () => {
	test('deletes a record with its lock', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const { json } = await drive.runRecord({ operation: 'delete', recordId, lockId: newLock() });
		expect(json('Next')).toEqual([{ deleted: true, recordId }]);
		expect(drive.simulator.records.records.size).toBe(0);
	});

	test('fails when the retry after an unclear attempt is rejected for another reason', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetBefore(), faults.code(13000410, 'not allowed', 403));
		const executed = await drive.runRecord({ operation: 'delete', recordId, lockId: newLock() });
		expect(errorOf(executed).message).toContain(`Record "${recordId}" was not deleted`);
	});

	test('succeeds when an unclear attempt had deleted the record', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetDuring());
		const { json } = await drive.runRecord({ operation: 'delete', recordId, lockId: newLock() });
		expect(json('Next')).toEqual([{ deleted: true, recordId }]);
	});

	test('does not take a record for deleted because its lock has expired meanwhile', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const lockId = newLock();
		drive.simulator.failNext(faults.resetBefore());
		drive.simulator.locks.release(lockId);
		const executed = await drive.runRecord({ operation: 'delete', recordId, lockId });
		expect(errorOf(executed).message).toContain(`Record "${recordId}" was not deleted`);
		expect(drive.simulator.records.records.size).toBe(1);
	});

	test('fails for a record that does not exist, and names its ID', async () => {
		const executed = await drive.runRecord({
			operation: 'delete',
			recordId: '77',
			lockId: newLock(),
		});
		const { message, description } = errorOf(executed);
		expect(message).toBe(
			'Record "77" was not deleted: the record or its lock doesn\'t exist (HTTP 400, code 13000309, "resource does not exist")',
		);
		expect(description).toContain("Check 'Record'");
		expect(description).toContain('Lock ID');
	});

	test('names each record that failed with "Continue"', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		const parameters = { operation: 'delete', recordId: '={{ $json.id }}', lockId: newLock() };
		const items = [{ id: '77' }, { id: recordId }];
		const { items: outputs } = await drive.runRecord(parameters, items, continueOnFail);
		expect(outputs('KooDrive')).toMatchObject([
			{ json: { details: { recordId: '77', code: 13000309 } }, pairedItem: { item: 0 } },
			{ json: { deleted: true, recordId }, pairedItem: { item: 1 } },
		]);
	});
});

describe('Get', () => {
	test('returns a record', async () => {
		const record = drive.simulator.records.create('101', 'a', { properties: 'no JSON' });
		const { json } = await drive.runRecord({ operation: 'get', recordId: ` ${record.recordId}\n` });
		expect(json('Next')).toEqual([JSON.parse(JSON.stringify(record))]);
	});

	test.each(['a.', 'a..', '.a', '..a', '...'])('accepts dots in the ID %s', async (recordId) => {
		drive.simulator.records.create('100', 'a', { recordId });
		const { json } = await drive.runRecord({ operation: 'get', recordId });
		expect(json('Next')).toMatchObject([{ recordId }]);
	});

	test('encodes an ID into the path, where nothing of it can lead elsewhere', async () => {
		const recordId = '%2e?a=b&c#d;é+"';
		drive.simulator.records.create('100', 'a', { recordId });
		const credential = appCredential(drive);
		drive.credential = credential;
		const { json } = await drive.runRecord({ operation: 'get', recordId });
		expect(json('Next')).toMatchObject([{ recordId }]);
		expect(sent()).toEqual([`GET ${PATH}/%252e%3Fa%3Db%26c%23d%3B%C3%A9%2B%22`]);
	});

	test.each([
		['1842862763295184641', '1842862763295184641'],
		['42', '42'],
	])('returns an ID that arrives as the number %s as text with all digits', async (sentId, id) => {
		drive.simulator.failNext(faults.body(`{"code":0,"msg":"","data":{"recordId":${sentId}}}`));
		const { json } = await drive.runRecord({ operation: 'get', recordId: '1' });
		expect(json('Next')).toEqual([{ recordId: id }]);
	});

	test.each(['get', 'getAll'])(
		'shows what Back Up says of the content, only in the record that it names: %s',
		async (operation) => {
			const summary = { files: 3, bytes: 9, workflow: { id: '1', name: 'N' }, execution: '5' };
			const records = [0, 1].map(() => drive.simulator.records.create('100', 'a'));
			const { recordId } = records[0]!;
			const properties = JSON.stringify({ own: 1, n8n: { recordId, ...summary } });
			for (const record of records) Object.assign(record, { properties });
			const parameters = { operation, moduleCode: '100', recordId: '={{ $json.recordId }}' };
			const items = records.map((record) => ({ recordId: record.recordId }));
			const { json } = await drive.runRecord(parameters, operation === 'get' ? items : [{}]);
			expect(json('Next').map((record) => record.summary)).toEqual([summary, undefined]);
			expect(json('Next')[0]).toMatchObject({ properties, parsedProperties: { own: 1 } });
		},
	);

	test.each([7, null, 42, { source: 'nightly' }, 'not JSON', ''])(
		'returns properties that are not JSON as they are, and no parsedProperties: %j',
		async (properties) => {
			const data = { recordId: '1', properties };
			drive.simulator.failNext(faults.body(JSON.stringify({ code: 0, data })));
			const { json } = await drive.runRecord({ operation: 'get', recordId: '1' });
			expect(json('Next').map((record) => Object.entries(record))).toEqual([Object.entries(data)]);
		},
	);

	test.each([
		['record', 'get'],
		['file', 'getAll'],
	])('retries %s %s after a connection reset during the response', async (resource, operation) => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(faults.resetDuring());
		expect((await drive.runRecord({ resource, operation, recordId })).run.status).toBe('success');
		expect(drive.simulator.requests).toHaveLength(2);
	});

	test('retries as often as a renewal', async () => {
		const { recordId } = drive.simulator.records.create('100', 'a');
		drive.simulator.failNext(...Array.from({ length: 8 }, () => faults.status(503)));
		expect((await drive.runRecord({ operation: 'get', recordId })).json('Next')).toMatchObject([
			{ recordId },
		]);
	});
});

describe('invalid input', () => {
	test.each([
		["={{ '' }}", "'Record' contains an expression that returned nothing."],
		[' ', "'Record' is empty."],
		['={{ 1842862763295184641 }}', "'Record' must be text, but the expression returned a number."],
		['={{ null }}', "'Record' contains an expression that returned nothing."],
		['.', "'Record' contains a space, a slash"],
		['..', "'Record' contains a space, a slash"],
		['../lock', "'Record' contains a space, a slash"],
		['1\\2', "'Record' contains a space, a slash"],
		['1 2', "'Record' contains a space, a slash"],
		['1\u0000', "'Record' contains a space, a slash"],
		['={{ "\\ud800" }}', "'Record' contains a space, a slash"],
	])('rejects the Record %j before sending anything', async (recordId, complaint) => {
		for (const [resource, operation] of [
			['record', 'get'],
			['record', 'complete'],
			['record', 'delete'],
			['file', 'getAll'],
		]) {
			const executed = await drive.runRecord({ resource, operation, recordId, lockId: newLock() });
			expect(errorOf(executed).message).toContain(complaint);
		}
		expect(sent()).toEqual([]);
	});

	test.each([
		[{ deviceId: ' ' }, "'Device' is empty."],
		[{ deviceId: '={{ 7 }}' }, "'Device' must be text"],
		[{ lockId: ' ' }, "'Lock ID' is empty."],
		[{ moduleCode: '7' }, "'Backup Type' must be 100"],
		[additionalFields("{'a':1}"), "'Properties (JSON)' isn't valid JSON."],
	])('rejects %j in Create', async (wrong, complaint) => {
		const parameters = { moduleCode: '100', deviceId: 'a', lockId: newLock(), ...wrong };
		const executed = await drive.runRecord({ operation: 'create', ...parameters });
		expect(errorOf(executed).message).toContain(complaint);
		expect(sent()).toEqual([]);
	});

	test.each([0, -1, 1.5, 'many', ''])('rejects the Limit %j in Get Many', async (limit) => {
		const executed = await drive.runRecord({ operation: 'getAll', moduleCode: '100', limit });
		expect(errorOf(executed).message).toBe(
			"The list of records was not read: 'Limit' must be a whole number of at least 1.",
		);
		expect(sent()).toEqual([]);
	});
});

test('names the Lock ID when KooDrive rejects a parameter of Complete', async () => {
	const { recordId } = drive.simulator.records.create('100', 'a');
	drive.simulator.failNext(faults.code(13000102, 'parameter check failed', 400));
	const { description } = errorOf(
		await drive.runRecord({ operation: 'complete', recordId, lockId: 'a@100' }),
	);
	expect(description).toContain('Lock ID');
});

test.each([
	['record', 'get', { recordId: '1' }, "Check 'Record'"],
	['file', 'getAll', { recordId: '1' }, "Check 'Record'"],
	['record', 'getAll', { moduleCode: '100' }, "Check 'Device' and 'Backup Type'"],
])(
	'names the parameters of %s %s when KooDrive rejects one',
	async (resource, operation, parameters, hint) => {
		drive.simulator.failNext(faults.code(13000102, 'parameter check failed', 400));
		const executed = await drive.runRecord({ resource, operation, ...parameters });
		expect(errorOf(executed).description).toContain(hint);
	},
);
