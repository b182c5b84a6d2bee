import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import type { Fault } from '../../simulator';
import { faults, KooDriveSimulator } from '../../simulator';
import { continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();
const shortTimeout = { options: { timeout: 150 } };

const cured: Array<[string, Fault]> = [
	['a reset before the answer', faults.resetBefore()],
	['a reset in the middle of the answer', faults.resetDuring()],
	['an answer that is cut off', faults.cutOff()],
	['an empty answer', faults.empty()],
	['JSON that ends too early', faults.body('{"code":0,"ms')],
	['silence', faults.silence()],
	['an answer that drips', faults.drip(60)],
	['HTTP 408', faults.status(408)],
	['HTTP 429', faults.status(429)],
	['HTTP 500', faults.status(500)],
	['HTTP 502 with a web page', faults.html(502)],
	['HTTP 503', faults.status(503)],
	['HTTP 504', faults.status(504)],
	['a business code under HTTP 500', faults.code(13000500, 'internal error', 500)],
];

test.each(cured)('renews the lock after %s, with the same headers', async (_what, fault) => {
	drive.simulator.failNext(fault);
	const [item] = drive.locks(1);
	const { json } = await drive.run([item!], shortTimeout);
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	const { requests } = drive.simulator;
	expect(requests).toHaveLength(2);
	for (const { headers } of requests) {
		expect(headers['x-backup-lock-id']).toBe(item!.lockId);
		expect(headers.authorization).toBe(requests[0]!.headers.authorization);
	}
	expect(drive.clock.waits).toEqual([expect.closeTo(500, 0)]);
});

test.each(cured)('gives up after ten tries when %s lasts', async (_what, fault) => {
	drive.clock.chance = () => 0;
	drive.simulator.faultFor = () => fault;
	const error = errorOf(await drive.run(drive.locks(1), shortTimeout));
	expect(drive.simulator.requests).toHaveLength(10);
	expect(error.name).toBe('NodeApiError');
	expect(error.description).toContain('It was tried 10 times.');
});

const final: Array<[string, Fault, RegExp, RegExp]> = [
	[
		'HTTP 401',
		faults.gateway(401, 'APIG.0301', 'Incorrect authentication'),
		/refused the access token \(HTTP 401, code APIG\.0301, "Incorrect authentication"\)/,
		/dies after 20 minutes.*fresh Access Token.*Token Format/,
	],
	[
		'HTTP 400 alone',
		faults.status(400),
		/refused the request and named no code \(HTTP 400\)/,
		/wrong credential too/,
	],
	['HTTP 403', faults.status(403), /does not allow this user/, /User ID/],
	[
		'HTTP 404',
		faults.status(404),
		/no backup service at the Endpoint \(HTTP 404\)/,
		/check the Endpoint/,
	],
	['HTTP 409', faults.status(409), /refused the request \(HTTP 409\)/, /Error Codes/],
	[
		'code 13000102',
		faults.code(13000102, 'p', 400),
		/found a parameter wrong/,
		/Check the Lock ID/,
	],
	[
		'code 13000301',
		faults.code(13000301, 's'),
		/space on KooDrive is missing/,
		/activate the space/,
	],
	['code 13000309', faults.code(13000309, 'r', 400), /does not know this lock/, /has expired/],
	['code 13000311', faults.code(13000311, 'f'), /space on KooDrive is full/, /Delete old backups/],
	['code 13000410', faults.code(13000410, 'n', 400), /does not allow this user/, /User ID/],
	['code 13000412', faults.code(13000412, 's', 400), /not active/, /activate the space/],
	[
		'an unknown code',
		faults.code(13999999, 'strange', 400),
		/code 13999999, "strange"/,
		/Error Codes/,
	],
	['a negative code', faults.code(-1, 'no'), /code -1, "no"/, /Error Codes/],
	[
		'a gateway error',
		faults.gateway(400, 'APIGW.0308', 'quota'),
		/gateway.*APIGW\.0308, "quota"/,
		/Endpoint/,
	],
	['a status against a code of 0', faults.code(0, 'success', 400), /HTTP 400/, /credential/],
	[
		'a web page',
		faults.html(),
		/not KooDrive's \(HTTP 200, a web page instead of JSON\)/,
		/sign-in page/,
	],
	['a list', faults.body('[]'), /not KooDrive's \(HTTP 200, a JSON list/, /check the Endpoint/],
	['a code that is a string', faults.body('{"code":"0"}'), /without an integer "code"/, /Endpoint/],
	[
		'a code that is a fraction',
		faults.body('{"code":0.5}'),
		/without an integer "code"/,
		/Endpoint/,
	],
	[
		'a word',
		faults.body('OK', 200, 'text/plain'),
		/not KooDrive's \(HTTP 200, not a JSON object\)/,
		/Endpoint/,
	],
	['null', faults.body('null'), /not KooDrive's/, /Endpoint/],
];

test.each(final)('fails at once on %s and says what to do', async (_what, fault, message, hint) => {
	drive.simulator.failNext(fault);
	const error = errorOf(await drive.run(drive.locks(1)));
	expect(drive.simulator.requests).toHaveLength(1);
	expect(drive.clock.waits).toEqual([]);
	expect(error.message).toMatch(/^Lock "[^"]+@100" was not renewed: /);
	expect(error.message).toMatch(message);
	expect(error.description).toMatch(hint);
	expect(error.name).toBe('NodeApiError');
});

test.each([301, 302, 303, 307, 308])('does not follow a redirect with HTTP %d', async (status) => {
	const thief = await new KooDriveSimulator().start();
	drive.simulator.failNext(
		faults.redirect(`${thief.endpoint}/koodrive/ose/v1/backup/lock`, status),
	);
	const error = errorOf(await drive.run(drive.locks(1)));
	await thief.stop();
	expect(thief.requests).toEqual([]);
	expect(drive.simulator.requests).toHaveLength(1);
	expect(error.message).toContain(`was not followed (HTTP ${status})`);
});

test('does not let n8n send the request a second time after a 401', async () => {
	drive.credential.accessToken = 'a-token-that-has-died';
	await drive.run(drive.locks(1));
	expect(drive.simulator.requests).toHaveLength(1);
});

test('does not let n8n do so either when the 401 is cut short', async () => {
	drive.credential.accessToken = 'a-token-that-has-died';
	drive.simulator.failNext(faults.cutOff());
	await drive.run(drive.locks(1), { options: { maxTries: 1 } });
	expect(drive.simulator.requests).toHaveLength(1);
});

test('survives a sequence of different faults', async () => {
	drive.simulator.failNext(faults.resetBefore(), faults.status(503), faults.cutOff());
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(drive.simulator.requests).toHaveLength(4);
});

test('waits three times as long at the most before each further try, and never longer than 12 seconds', async () => {
	drive.simulator.faultFor = () => faults.status(503);
	await drive.run(drive.locks(1), { options: { maxTries: 7 } });
	expect(drive.clock.waits.map(Math.round)).toEqual([500, 1500, 4500, 12_000, 12_000, 12_000]);
});

test('ten tries outlast 39 seconds, even where chance keeps every wait short', async () => {
	drive.clock.chance = () => 0;
	const backAt = drive.simulator.clock.now() + 39_000;
	drive.simulator.faultFor = () =>
		drive.simulator.clock.now() < backAt ? faults.status(503) : undefined;
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
});

test('waits half as long at the least, if chance will have it', async () => {
	drive.clock.chance = () => 0;
	drive.simulator.failNext(faults.status(503));
	await drive.run(drive.locks(1));
	expect(drive.clock.waits).toEqual([250]);
});

test('honours Retry-After in seconds', async () => {
	drive.simulator.failNext(faults.status(429, { 'Retry-After': '7' }));
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
	expect(drive.clock.waits).toEqual([7000]);
});

test("honours Retry-After as a date by the server's clock", async () => {
	drive.clock.ahead = -600_000;
	drive.simulator.clock.set(Date.UTC(2026, 0, 1));
	drive.simulator.failNext(faults.status(503, { 'Retry-After': 'Thu, 01 Jan 2026 00:00:09 GMT' }));
	await drive.run(drive.locks(1));
	expect(drive.clock.waits[0]).toBe(9000);
});

test('counts Retry-After as a date from its own clock where the answer has no readable Date', async () => {
	drive.simulator.clock.set(Date.UTC(2026, 0, 1));
	const headers = { Date: 'today', 'Retry-After': 'Thu, 01 Jan 2026 00:00:40 GMT' };
	drive.simulator.failNext(faults.status(503, headers));
	await drive.run(drive.locks(1));
	expect(drive.clock.waits[0]).toBeGreaterThan(30_000);
	expect(drive.clock.waits[0]).toBeLessThanOrEqual(40_000);
});

test('counts it from the clock that it has corrected, once the server has shown the time', async () => {
	drive.clock.ahead = 3_600_000;
	drive.simulator.clock.set(Date.UTC(2026, 0, 1));
	const refused = faults.status(401);
	const headers = { Date: 'today', 'Retry-After': 'Thu, 01 Jan 2026 00:00:40 GMT' };
	drive.simulator.failNext(refused, faults.status(503, headers));
	await drive.run(drive.locks(1));
	expect(drive.clock.waits[0]).toBeGreaterThan(30_000);
	expect(drive.clock.waits[0]).toBeLessThanOrEqual(40_000);
});

test('begins no wait that would pass the minute that one lock may take', async () => {
	drive.simulator.failNext(faults.status(503, { 'Retry-After': '60' }));
	const error = errorOf(await drive.run(drive.locks(1)));
	expect(drive.clock.waits).toEqual([]);
	expect(error.description).toContain('longer than the 60 seconds');
});

test('signs each try anew', async () => {
	drive.simulator.failNext(faults.status(503, { 'Retry-After': '5' }));
	await drive.run(drive.locks(1));
	const [first, second] = drive.simulator.requests.map(({ headers }) => headers['x-date']);
	expect(second! > first!).toBe(true);
});

test('sends as often as Max Tries says', async () => {
	drive.simulator.faultFor = () => faults.status(503);
	await drive.run(drive.locks(1), { options: { maxTries: 1 } });
	expect(drive.simulator.requests).toHaveLength(1);
});

test('ends a try that gets no answer when its time is over', async () => {
	drive.simulator.faultFor = () => faults.silence();
	const began = Date.now();
	const error = errorOf(
		await drive.run(drive.locks(1), { options: { timeout: 100, maxTries: 2 } }),
	);
	expect(error.message).toContain('did not answer in time (100 ms)');
	expect(Date.now() - began).toBeGreaterThanOrEqual(200);
});

test('takes an answer that is slow but in time', async () => {
	drive.simulator.failNext(faults.delay(100));
	const { json } = await drive.run(drive.locks(1), { options: { timeout: 5000 } });
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.requests).toHaveLength(1);
});

test('tries again when the connection is refused, and says so when that lasts', async () => {
	drive.clock.chance = () => 0;
	await drive.simulator.stop();
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toContain('the connection was refused (ECONNREFUSED)');
	expect(error.description).toContain('It was tried 10 times.');
	drive.simulator = await new KooDriveSimulator().start();
});

test('looks up a name again that does not exist, and says so when that lasts', async () => {
	drive.credential.endpoint = 'https://koodrive.invalid';
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toMatch(/the name of the Endpoint (does not exist|could not be looked up)/);
	expect(error.description).toMatch(/It was tried (4|10) times/);
});

test('says that the endpoint does not speak https', async () => {
	drive.credential.endpoint = drive.simulator.endpoint.replace('http:', 'https:');
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toContain('no encrypted connection came about');
	expect(drive.simulator.requests).toEqual([]);
});

test('says that the endpoint does not speak HTTP at all', async () => {
	const server = createServer((socket) => socket.end('220 ready\r\n')).listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	drive.credential.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	server.close();
	expect(error.message).toMatch(/the connection failed \(HPE_/);
});

test.each([
	['first', 0],
	['middle', 4],
	['last', 8],
])('renews the others when the %s lock is gone', async (_where, position) => {
	const items = drive.locks(9);
	items[position] = { lockId: 'gone@100' };
	const { json } = await drive.run(items, {}, continueOnFail);
	const failed = json('Next').flatMap(({ error }, item) => (error === undefined ? [] : [item]));
	expect(failed).toEqual([position]);
	expect(drive.simulator.requests).toHaveLength(9);
});

test.each([
	[429, 'renew less often: every 4 minutes is enough'],
	[400, 'Check the Lock ID, then open the KooDrive API credential'],
])('says what to do about a lock after HTTP %d', async (status, hint) => {
	drive.simulator.faultFor = () => faults.status(status);
	expect(errorOf(await drive.run(drive.locks(1))).description).toContain(hint);
});
