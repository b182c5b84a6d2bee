import { faults } from '../../simulator';
import { errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();
const create = { operation: 'create', moduleCode: '102' };
const release = { operation: 'release' };

test('creates a lock and lifts its ID to where the next step looks for it', async () => {
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

test('takes the module code of each item from an expression', async () => {
	await drive.run([{ m: '100' }, { m: 101 }], {
		operation: 'create',
		moduleCode: '={{ $json.m }}',
	});
	const codes = drive.simulator.requests.map(({ body }) => body).sort();
	expect(codes).toEqual(['{"moduleCode":"100"}', '{"moduleCode":"101"}']);
});

test('refuses a module code that KooDrive does not know before anything is sent', async () => {
	const error = errorOf(await drive.run([{}], { operation: 'create', moduleCode: '999' }));
	expect(error.message).toContain('The Module Code is none that KooDrive knows');
	expect(drive.simulator.requests).toEqual([]);
});

test('adds when a created lock expires, on demand', async () => {
	drive.simulator.clock.set(Date.UTC(2025, 10, 3, 7, 1, 40));
	const { json } = await drive.run([{}], { ...create, options: { includeLockDetails: true } });
	expect(json('Next')).toMatchObject([
		{ createdAt: '2025-11-03T07:01:40.000Z', expiresAt: '2025-11-03T07:11:40.000Z' },
	]);
});

test('passes on what else comes with a created lock', async () => {
	drive.simulator.failNext(
		faults.body('{"data":{"lockId":"a@102","owner":"me"},"code":0,"msg":"success","n":1}'),
	);
	const { json } = await drive.run([{}], create);
	expect(json('Next')).toEqual([{ code: 0, msg: 'success', lockId: 'a@102', owner: 'me', n: 1 }]);
});

test.each([
	'{"code":0,"msg":"success"}',
	'{"code":0,"data":{"lockId":""}}',
	'{"code":0,"data":{"lockId":" "}}',
	'{"code":0,"data":null}',
])('takes a success without a lock ID for a failure: %s', async (body) => {
	drive.simulator.failNext(faults.body(body));
	const error = errorOf(await drive.run([{}], create));
	expect(error.message).toContain(
		'The lock was not created: KooDrive reported success but named no lock',
	);
});

test.each([
	['a reset', faults.resetBefore()],
	['a reset in the answer', faults.resetDuring()],
	['a cut-off answer', faults.cutOff()],
	['silence', faults.silence()],
	['HTTP 500', faults.status(500)],
	['HTTP 504', faults.status(504)],
])('does not create a second lock after %s, and says that one may exist', async (_what, fault) => {
	drive.simulator.failNext(fault);
	const error = errorOf(await drive.run([{}], { ...create, options: { timeout: 200 } }));
	expect(drive.simulator.requests).toHaveLength(1);
	expect(error.description).toContain('may have created a lock all the same');
	expect(error.description).toContain('10 minutes');
});

test.each([
	['HTTP 400', faults.status(400)],
	['HTTP 401', faults.status(401)],
	['HTTP 403', faults.status(403)],
	['HTTP 404', faults.status(404)],
	['HTTP 409', faults.status(409)],
	['a redirect', faults.redirect('https://drive.example')],
	['a gateway error', faults.gateway(400, 'APIGW.0308', 'quota')],
	['a wrong parameter', faults.code(13000102, 'p', 400)],
	['a missing space', faults.code(13000301, 's')],
	['a missing resource', faults.code(13000309, 'r', 400)],
	['a full space', faults.code(13000311, 'f')],
	['a code that nobody knows', faults.code(7, 'x')],
])('does not claim that a lock may exist after %s', async (_what, fault) => {
	drive.simulator.failNext(fault);
	const error = errorOf(await drive.run([{}], create));
	expect(drive.simulator.requests).toHaveLength(1);
	expect(error.description).not.toContain('may have created');
});

test('claims no lock either when nothing was sent', async () => {
	const wrong = errorOf(await drive.run([{}], { ...create, moduleCode: '7' }));
	expect(wrong.description).not.toContain('may have created');
	drive.credential.accessToken = '';
	const unsent = errorOf(await drive.run([{}], create));
	expect(unsent.description).not.toContain('may have created');
	expect(drive.simulator.requests).toEqual([]);
});

test('says that a lock may exist when something else than KooDrive answered', async () => {
	drive.simulator.failNext(faults.html());
	const error = errorOf(await drive.run([{}], create));
	expect(error.description).toContain('may have created a lock all the same');
});

test.each([429, 503])('tries again after HTTP %d, which created nothing', async (status) => {
	drive.simulator.failNext(faults.status(status));
	const { json } = await drive.run([{}], create);
	expect(drive.simulator.requests).toHaveLength(2);
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.locks.alive).toHaveLength(1);
});

test('releases a lock, and is refused when it releases it again', async () => {
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
});

test('fails when the try after one whose answer was lost is refused for another reason', async () => {
	const items = drive.locks(1);
	drive.simulator.failNext(faults.resetBefore(), faults.code(13000410, 'not allowed', 403));
	const error = errorOf(await drive.run(items, release));
	expect(drive.simulator.requests).toHaveLength(2);
	expect(error.message).toContain(`Lock "${items[0]!.lockId}" was not released`);
});

test('succeeds, and says so, when a try whose answer was lost had released the lock', async () => {
	const items = drive.locks(1);
	drive.simulator.failNext(faults.resetDuring());
	const { json } = await drive.run(items, release);
	expect(drive.simulator.requests).toHaveLength(2);
	expect(json('Next')).toEqual([
		{
			code: 0,
			msg: 'An earlier try, whose answer was lost, had released the lock',
			alreadyReleased: true,
		},
	]);
});

test('does not take a missing lock for released when no earlier try can have done it', async () => {
	drive.simulator.failNext(faults.status(503));
	const error = errorOf(await drive.run([{ lockId: 'never@100' }], release));
	expect(drive.simulator.requests).toHaveLength(2);
	expect(error.message).toContain('Lock "never@100" was not released');
});
