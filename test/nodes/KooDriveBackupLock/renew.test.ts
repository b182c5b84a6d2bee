import { faults } from '../../simulator';
import { continueOnFail, continueWithErrorOutput, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

test('sends the documented request and hands exactly the answer to the next step', async () => {
	const [item] = drive.locks(1);
	const { json } = await drive.run([item!]);

	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	const [request, ...more] = drive.simulator.requests;
	expect(more).toEqual([]);
	expect(request).toMatchObject({
		method: 'PATCH',
		target: '/koodrive/ose/v1/backup/lock',
		body: '',
		headers: {
			authorization: `Bearer+${drive.simulator.account.accessToken}`,
			'x-user-id': drive.simulator.account.userId,
			'x-backup-lock-id': item!.lockId,
			accept: 'application/json',
		},
	});
	expect(request!.headers['x-date']).toMatch(/^\d{8}T\d{6}Z$/);
	expect(request!.headers['content-type']).toBeUndefined();
});

test('gives the lock ten more minutes', async () => {
	const [item] = drive.locks(1);
	drive.simulator.clock.advance(9 * 60_000);
	await drive.run([item!]);
	drive.simulator.clock.advance(9 * 60_000);
	expect(drive.simulator.locks.isAlive(item!.lockId)).toBe(true);
});

test('passes on fields that the API may add', async () => {
	drive.simulator.failNext({
		kind: 'answer',
		status: 200,
		body: '{"code":0,"msg":"success","traceId":"7","data":{"n":[1,null]}}',
	});
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success', traceId: '7', data: { n: [1, null] } }]);
});

test("adds the lock's details on demand, by the server's clock", async () => {
	drive.simulator.clock.set(Date.UTC(2025, 10, 3, 7, 1, 40));
	const [item] = drive.locks(1);
	const { json } = await drive.run([item!], { options: { includeLockDetails: true } });
	expect(json('Next')).toEqual([
		{
			code: 0,
			msg: 'success',
			lockId: item!.lockId,
			renewedAt: '2025-11-03T07:01:40.000Z',
			expiresAt: '2025-11-03T07:11:40.000Z',
		},
	]);
});

test('takes its own clock for the details where the answer has no date', async () => {
	drive.simulator.clock.set(Date.UTC(2025, 10, 3, 7, 1, 40));
	drive.simulator.failNext({ kind: 'noDate' });
	const { json } = await drive.run(drive.locks(1), { options: { includeLockDetails: true } });
	expect(String(json('Next')[0]!.renewedAt)).toMatch(/^2025-11-03T07:01:4/);
});

test('reads the lock of each item, keeps their order and links them to their inputs', async () => {
	const items = drive.locks(20);
	drive.simulator.faultFor = () => ({ kind: 'delay', milliseconds: Math.random() * 30 });
	const { items: output } = await drive.run(items, { options: { includeLockDetails: true } });
	expect(output('Next').map(({ json }) => json.lockId)).toEqual(items.map(({ lockId }) => lockId));
	expect(output('KooDrive').map(({ pairedItem }) => pairedItem)).toEqual(
		items.map((_, item) => ({ item })),
	);
});

test('takes any visible ASCII for a lock ID and drops the blanks around it', async () => {
	drive.simulator.locks.create('100', '!weird~"lock\'<&>@');
	await drive.run([{ lockId: ' !weird~"lock\'<&>@\n' }]);
	expect(drive.simulator.requests[0]!.headers['x-backup-lock-id']).toBe('!weird~"lock\'<&>@');
});

test('takes a code other than 0 for a failure even under HTTP 200', async () => {
	drive.simulator.failNext({ kind: 'answer', status: 200, body: '{"code":13000309,"msg":"gone"}' });
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.name).toBe('NodeApiError');
	expect(error.message).toContain('Lock "a@100" was not renewed');
	expect(error.message).toContain('code 13000309, "gone"');
	expect(error.httpCode).toBe('200');
});

test('tells what to do about a lock that has expired', async () => {
	const [item] = drive.locks(1);
	drive.simulator.clock.advance(10 * 60_000);
	const error = errorOf(await drive.run([item!]));
	expect(error.message).toMatch(/does not know this lock any more \(HTTP 400, code 13000309/);
	expect(error.description).toMatch(/has expired \(10 minutes/);
});

test('goes on with the failed item in its place when it continues on failure', async () => {
	const items = [...drive.locks(1), { lockId: 'gone@100' }, ...drive.locks(1)];
	const { items: output } = await drive.run(items, {}, continueOnFail);
	expect(output('Next')).toMatchObject([
		{ json: { code: 0, msg: 'success' } },
		{
			json: {
				error: expect.stringContaining('Lock "gone@100" was not renewed') as string,
				lockId: 'gone@100',
				code: 13000309,
				msg: 'resource does not exist',
				httpCode: 400,
			},
			pairedItem: { item: 1 },
		},
		{ json: { code: 0, msg: 'success' } },
	]);
});

test('sends failed items, and only those, to the error output', async () => {
	const items = [...drive.locks(1), { lockId: 'gone@100' }];
	const { json } = await drive.run(items, {}, continueWithErrorOutput);
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(json('Failed')).toEqual([
		{
			lockId: 'gone@100',
			error: expect.stringContaining('Lock "gone@100" was not renewed') as string,
			message: expect.stringContaining('Start the backup again') as string,
			details: {
				lockId: 'gone@100',
				code: 13000309,
				msg: 'resource does not exist',
				httpCode: 400,
			},
		},
	]);
});

test('decrypts the credential once, however many items there are', async () => {
	await drive.run(drive.locks(30));
	expect(drive.simulator.requests).toHaveLength(30);
	expect(drive.engine.credentials.decryptions).toBe(1);
});

test('works an expression out once for an item, so that what is sent and what is told is the same lock', async () => {
	drive.simulator.faultFor = () => faults.code(0, 'success');
	const lockId = '={{ "lock-" + Math.random() }}';
	const { json } = await drive.run([{}], { lockId, options: { includeLockDetails: true } });
	const [request] = drive.simulator.requests;
	expect(json('Next')).toMatchObject([{ lockId: request!.headers['x-backup-lock-id'] }]);
});
