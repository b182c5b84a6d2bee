import { faults } from '../simulator';
import { appCredential, errorOf, HOUR, useKooDrive } from '../setup';

const drive = useKooDrive();

describe('Create', () => {
	const create = { operation: 'create', moduleCode: '102' };

	test('creates a lock and returns its ID at the top level of the item', async () => {
		const { json } = await drive.run([{}], create);
		const [request] = drive.simulator.requests;
		expect(request).toMatchObject({
			method: 'POST',
			target: '/koodrive/ose/v1/backup/lock',
			body: '{"moduleCode":"102"}',
			headers: { 'content-type': 'application/json' },
		});
		expect(request!.headers['x-backup-lock-id']).toBeUndefined();
		expect(json('Next')).toEqual([
			{ code: 0, msg: 'success', lockId: drive.simulator.locks.alive[0] },
		]);
	});

	test('evaluates the Backup Type for each item', async () => {
		await drive.run([{ m: '100' }, { m: 101 }], {
			operation: 'create',
			moduleCode: '={{ $json.m }}',
		});
		const codes = drive.simulator.requests.map(({ body }) => body).sort();
		expect(codes).toEqual(['{"moduleCode":"100"}', '{"moduleCode":"101"}']);
	});

	test('rejects an unknown Backup Type before sending anything', async () => {
		const error = errorOf(await drive.run([{}], { operation: 'create', moduleCode: '999' }));
		expect(error.message).toContain("'Backup Type' must be 100");
		expect(drive.simulator.requests).toEqual([]);
	});

	test('adds when a created lock expires if Include Lock Details is on', async () => {
		drive.simulator.clock.set(Date.UTC(2025, 10, 3, 7, 1, 40));
		const { json } = await drive.run([{}], { ...create, options: { includeLockDetails: true } });
		expect(json('Next')).toMatchObject([
			{ createdAt: '2025-11-03T07:01:40.000Z', expiresAt: '2025-11-03T07:11:40.000Z' },
		]);
	});

	test('passes on additional fields of a created lock', async () => {
		drive.simulator.failNext(
			faults.body('{"data":{"lockId":"a@102","owner":"me"},"code":0,"msg":"success","n":1}'),
		);
		const { json } = await drive.run([{}], create);
		expect(json('Next')).toEqual([{ code: 0, msg: 'success', lockId: 'a@102', owner: 'me', n: 1 }]);
	});

	test("outputs the response's own code and message, and the lock's own ID", async () => {
		const data = { lockId: 'a@102', code: 7, msg: 'from data' };
		const response = { data, code: 0, msg: 'success', lockId: 'beside@102' };
		drive.simulator.failNext(faults.body(JSON.stringify(response)));
		const { json } = await drive.run([{}], create);
		expect(json('Next')).toEqual([{ code: 0, msg: 'success', lockId: 'a@102' }]);
	});

	test.each([
		['a connection reset', faults.resetBefore()],
		['a connection reset during the response', faults.resetDuring()],
		['a response that is cut off', faults.cutOff()],
		['no response', faults.silence()],
		['HTTP 500', faults.status(500)],
		['HTTP 504', faults.status(504)],
		['a web page', faults.html()],
		['a response of 2 MiB', faults.body('0'.repeat(2 * 1024 * 1024))],
		['a success without a Lock ID', faults.body('{"code":0,"msg":"success"}')],
	])('does not retry after %s and says that a lock may exist', async (_what, fault) => {
		drive.simulator.failNext(fault);
		const error = errorOf(await drive.run([{}], { ...create, options: { timeout: 1_000 } }));
		expect(drive.simulator.requests).toHaveLength(1);
		expect(error.description).toContain('may have created a lock');
		expect(error.description).toContain('10 minutes');
	});

	test.each([
		['HTTP 400', faults.status(400)],
		['HTTP 401', faults.status(401)],
		['HTTP 403', faults.status(403)],
		['HTTP 404', faults.status(404)],
		['HTTP 409', faults.status(409)],
		['HTTP 407', faults.status(407)],
		['a redirect', faults.redirect('https://drive.example')],
		['a gateway error', faults.gateway(400, 'APIGW.0308', 'quota')],
		['a wrong parameter', faults.code(13000102, 'p', 400)],
		['a missing space', faults.code(13000301, 's')],
		['a missing resource', faults.code(13000309, 'r', 400)],
		['a full space', faults.code(13000311, 'f')],
		['an unknown code', faults.code(7, 'x')],
	])('does not say that a lock may exist after %s', async (_what, fault) => {
		drive.simulator.failNext(fault);
		const error = errorOf(await drive.run([{}], create));
		expect(drive.simulator.requests).toHaveLength(1);
		expect(error.description).not.toContain('may have created');
	});

	test('does not say that a lock may exist after a rejected signature or signing time', async () => {
		drive.clock.ahead = HOUR;
		const late = errorOf(await drive.run([{}], { ...create, options: { maxTries: 1 } }));
		expect(late.description).not.toContain('may have created');
		drive.credential = { ...appCredential(drive), appSecret: 'another-secret' };
		const forged = errorOf(await drive.run([{}], create));
		expect(forged.message).toContain('rejected the signature');
		expect(forged.description).not.toContain('may have created');
	});

	test('does not say that a lock may exist when nothing was sent', async () => {
		const wrong = errorOf(await drive.run([{}], { ...create, moduleCode: '7' }));
		expect(wrong.description).not.toContain('may have created');
		drive.credential.accessToken = '';
		const unsent = errorOf(await drive.run([{}], create));
		expect(unsent.message).toBe(
			"'Access Token' is empty. Open the KooDrive API credential and enter it again.",
		);
		expect(drive.simulator.requests).toEqual([]);
	});

	test.each([429, 503])('retries after HTTP %d, which created nothing', async (status) => {
		drive.simulator.failNext(faults.status(status));
		const { json } = await drive.run([{}], create);
		expect(drive.simulator.requests).toHaveLength(2);
		expect(json('Next')).toHaveLength(1);
		expect(drive.simulator.locks.alive).toHaveLength(1);
	});
});

describe('Renew', () => {
	test('sends the documented request and returns exactly the response', async () => {
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

	test('extends the lock by ten minutes', async () => {
		const [item] = drive.locks(1);
		drive.simulator.clock.advance(9 * 60_000);
		await drive.run([item!]);
		drive.simulator.clock.advance(9 * 60_000);
		expect(drive.simulator.locks.isAlive(item!.lockId)).toBe(true);
	});
});

describe('Release', () => {
	const release = { operation: 'release' };

	test('releases a lock, and fails the second time', async () => {
		const [item] = drive.locks(1);
		const { json } = await drive.run([item!], release);
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(drive.simulator.requests[0]).toMatchObject({
			method: 'DELETE',
			target: '/koodrive/ose/v1/backup/lock',
			body: '',
			headers: { 'x-backup-lock-id': item!.lockId },
		});
		expect(drive.simulator.locks.alive).toEqual([]);
		const error = errorOf(await drive.run([item!], release));
		expect(error.message).toContain(`Lock "${item!.lockId}" was not released`);
		expect(error.description).toContain('Nothing is left to release');
		expect(error.description).not.toMatch(/renew it|at least every/);
	});

	test('fails when the retry after a lost response is rejected for another reason', async () => {
		const items = drive.locks(1);
		drive.simulator.failNext(faults.resetBefore(), faults.code(13000410, 'not allowed', 403));
		const error = errorOf(await drive.run(items, release));
		expect(drive.simulator.requests).toHaveLength(2);
		expect(error.message).toContain(`Lock "${items[0]!.lockId}" was not released`);
	});

	test('succeeds when an attempt whose response was lost had released the lock', async () => {
		const items = drive.locks(1);
		drive.simulator.failNext(faults.resetDuring());
		const { json } = await drive.run(items, release);
		expect(drive.simulator.requests).toHaveLength(2);
		expect(json('Next')).toEqual([
			{
				code: 0,
				msg: 'The lock had already been released by an earlier attempt',
				alreadyReleased: true,
			},
		]);
	});

	test('fails for a missing lock if no earlier attempt can have released it', async () => {
		drive.simulator.failNext(faults.status(503));
		const error = errorOf(await drive.run([{ lockId: 'never@100' }], release));
		expect(drive.simulator.requests).toHaveLength(2);
		expect(error.message).toContain('Lock "never@100" was not released');
	});
});
