import type { Fault } from './';
import { faults, KooDriveSimulator } from './';
import { send as sendAs, xDate } from './client';

let simulator: KooDriveSimulator;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
});
afterEach(async () => await simulator.stop());

const PATH = '/koodrive/ose/v1/backup/lock';

async function send(
	method: string,
	headers: Record<string, string> = {},
	{ path = PATH, body }: { path?: string; body?: string } = {},
) {
	return await sendAs(simulator, method, path, { headers, body, timeout: 500 });
}

test('a lock lives ten minutes, and ten more from each renewal', async () => {
	const created = await send('POST', {}, { body: '{"moduleCode":"101"}' });
	const { lockId } = (created.body as { data: { lockId: string } }).data;
	expect(lockId).toMatch(/^[0-9a-f-]{36}@101$/);
	const renew = async () => (await send('PATCH', { 'x-backup-lock-id': lockId })).body;
	for (let round = 0; round < 3; round++) {
		simulator.clock.advance(599_000);
		expect(await renew()).toEqual({ code: 0, msg: 'success' });
	}
	simulator.clock.advance(601_000);
	expect(await renew()).toMatchObject({ code: 13000309 });
	expect(simulator.locks.expiredWhenNeeded).toBe(1);
});

test('a lock is released once', async () => {
	const lock = { 'x-backup-lock-id': simulator.locks.create('100') };
	expect((await send('DELETE', lock)).body).toEqual({ code: 0, msg: 'success' });
	expect(await send('DELETE', lock)).toMatchObject({ status: 400, body: { code: 13000309 } });
});

test.each([
	['no X-Date', { 'X-Date': '' }, 401],
	['a malformed X-Date', { 'X-Date': '2025-11-03T07:01:40Z' }, 401],
	['a wrong token', { Authorization: 'Bearer+other' }, 401],
	['a bare token', { Authorization: '60f4ccc7b1a94e3fa2d5c8e7f1b3a6d9' }, 401],
	[
		'a made-up signature',
		{
			Authorization: `HMAC-SHA256 AppId=6d1c5f0e2b,SignedHeaders=host;x-date;x-user-id,Signature=${'0'.repeat(64)}`,
		},
		401,
	],
	['half a signature', { Authorization: 'HMAC-SHA256 AppId=6d1c5f0e2b' }, 401],
	['another user', { 'X-User-Id': '1' }, 403],
	['no lock ID', {}, 400],
	['an unknown lock', { 'x-backup-lock-id': 'unknown@100' }, 400],
])('rejects a renewal with %s', async (_what, headers, status) => {
	expect((await send('PATCH', headers)).status).toBe(status);
});

test.each([
	['one second late', 1000, 401],
	['now', 0, 200],
	['15 minutes old', -899_000, 200],
	['more than 15 minutes old', -902_000, 401],
])('takes an X-Date only from its last 15 minutes: %s', async (_what, offset, status) => {
	simulator.clock.set(Math.floor(Date.now() / 1000) * 1000 + 100);
	const lock = simulator.locks.create('100');
	const headers = { 'x-backup-lock-id': lock, 'X-Date': xDate(simulator.clock.now() + offset) };
	expect((await send('PATCH', headers)).status).toBe(status);
});

test.each(['', 'no JSON', '{}', '{"moduleCode":100}', '{"moduleCode":"103"}'])(
	'rejects to create a lock from %j',
	async (body) => {
		expect((await send('POST', {}, { body })).body).toMatchObject({ code: 13000102 });
	},
);

test.each([
	['?moduleCode=100&pageSize=1', 200],
	['?moduleCode=100', 200],
	['?moduleCode=99&pageSize=1', 400],
	['?moduleCode=100&pageSize=101', 400],
])('lists records for %s with HTTP %d', async (query, status) => {
	const path = `/koodrive/ose/v1/backup/record${query}`;
	expect((await send('GET', {}, { path })).status).toBe(status);
});

test('knows no other paths', async () => {
	expect((await send('GET', {}, { path: '/other' })).status).toBe(404);
});

test('records what came, name by name', async () => {
	await send('PATCH', { 'x-backup-lock-id': 'a@100' });
	const [request] = simulator.requests;
	expect(request).toMatchObject({ method: 'PATCH', target: PATH, body: '' });
	expect(request!.rawHeaders).toContain('a@100');
});

test.each<[string, Fault, object | RegExp]>([
	['a status', faults.status(503, { 'Retry-After': '3' }), { status: 503 }],
	['a code', faults.code(13000311, 'full'), { status: 200, body: { code: 13000311, msg: 'full' } }],
	['a gateway error', faults.gateway(400, 'APIG.1', 'x'), { body: { error_code: 'APIG.1' } }],
	['a web page', faults.html(), { body: expect.stringContaining('<!doctype') as string }],
	['nothing', faults.empty(), { status: 200, body: '' }],
	['a redirect', faults.redirect('http://127.0.0.1:9/'), { status: 302 }],
	['a reset', faults.resetBefore(), /fetch failed/],
	['a reset in the answer', faults.resetDuring(), /terminated/],
	['a cut-off answer', faults.cutOff(), /terminated/],
	['silence', faults.silence(), /timeout/],
	['a drip', faults.drip(100), /timeout/],
	['a delay', faults.delay(20), { status: 200 }],
	[
		'an echo',
		faults.echo(),
		{ status: 401, body: { error_msg: expect.stringContaining('Bearer+') as string } },
	],
])('responds to one request with %s when told to', async (_what, fault, expected) => {
	simulator.failNext(fault);
	const lock = { 'x-backup-lock-id': simulator.locks.create('100') };
	if (expected instanceof RegExp) await expect(send('PATCH', lock)).rejects.toThrow(expected);
	else expect(await send('PATCH', lock)).toMatchObject(expected);
	expect((await send('PATCH', lock)).status).toBe(200);
});

test('skews its Date header or leaves it out when told to', async () => {
	simulator.failNext(faults.skewedDate(-3_600_000), faults.noDate());
	const skewed = await send('PATCH');
	const date = Date.parse(skewed.headers.get('date') ?? '');
	expect(simulator.clock.now() - date).toBeGreaterThan(3_500_000);
	expect((await send('PATCH')).headers.get('date')).toBeNull();
});
