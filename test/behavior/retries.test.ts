import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { errorOf, HOUR, useKooDrive } from '../setup';

const drive = useKooDrive();

/** Shortens the timeout where a test waits for it. On a busy machine, a response may take longer. */
const timeoutFor = ({ lost, drip }: Fault, timeout: number) =>
	lost?.how === 'silence' || drip !== undefined ? { options: { timeout } } : {};

const cured: Array<[string, Fault]> = [
	['a connection reset before the response', faults.resetBefore()],
	['a connection reset during the response', faults.resetDuring()],
	['a response that is cut off', faults.cutOff()],
	['an empty response', faults.empty()],
	['incomplete JSON', faults.body('{"code":0,"ms')],
	['no response', faults.silence()],
	['a slow response', faults.drip(60)],
	['HTTP 408', faults.status(408)],
	['HTTP 429', faults.status(429)],
	['HTTP 500', faults.status(500)],
	['HTTP 502 with a web page', faults.html(502)],
	['HTTP 503', faults.status(503)],
	['HTTP 504', faults.status(504)],
	['a business code under HTTP 500', faults.code(13000500, 'internal error', 500)],
];

test.each(cured)('retries a renewal after %s with the same headers', async (_what, fault) => {
	drive.simulator.failNext(fault);
	const [item] = drive.locks(1);
	const { json } = await drive.run([item!], timeoutFor(fault, 1_000));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	const { requests } = drive.simulator;
	expect(requests).toHaveLength(2);
	for (const { headers } of requests) {
		expect(headers['x-backup-lock-id']).toBe(item!.lockId);
		expect(headers.authorization).toBe(requests[0]!.headers.authorization);
	}
	expect(drive.clock.sleeps).toEqual([expect.closeTo(500, 0)]);
});

test.each(cured)('gives up after ten attempts with %s', async (_what, fault) => {
	drive.clock.random = () => 0;
	drive.simulator.faultFor = () => fault;
	const error = errorOf(await drive.run(drive.locks(1), timeoutFor(fault, 250)));
	expect(drive.simulator.requests).toHaveLength(10);
	expect(error.name).toBe('NodeApiError');
	expect(error.description).toContain('The request was sent 10 times.');
});

test('retries through a sequence of different faults', async () => {
	drive.simulator.failNext(faults.resetBefore(), faults.status(503), faults.cutOff());
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(drive.simulator.requests).toHaveLength(4);
});

test('triples the longest backoff up to 12 seconds', async () => {
	drive.simulator.faultFor = () => faults.status(503);
	await drive.run(drive.locks(1), { options: { maxTries: 7 } });
	expect(drive.clock.sleeps.map(Math.round)).toEqual([500, 1500, 4500, 12_000, 12_000, 12_000]);
});

test('rides out an outage of 39 seconds with ten attempts, even with the least jitter', async () => {
	drive.clock.random = () => 0;
	const backAt = drive.simulator.clock.now() + 39_000;
	drive.simulator.faultFor = () =>
		drive.simulator.clock.now() < backAt ? faults.status(503) : undefined;
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
});

test('waits at least half of the backoff', async () => {
	drive.clock.random = () => 0;
	drive.simulator.failNext(faults.status(503));
	await drive.run(drive.locks(1));
	expect(drive.clock.sleeps).toEqual([250]);
});

test('honors Retry-After in seconds', async () => {
	drive.simulator.failNext(faults.status(429, { 'Retry-After': '7' }));
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
	expect(drive.clock.sleeps).toEqual([7000]);
});

test("honors Retry-After as a date by the server's clock", async () => {
	drive.clock.ahead = -600_000;
	drive.simulator.clock.set(Date.UTC(2026, 0, 1));
	drive.simulator.failNext(faults.status(503, { 'Retry-After': 'Thu, 01 Jan 2026 00:00:09 GMT' }));
	await drive.run(drive.locks(1));
	expect(drive.clock.sleeps[0]).toBe(9000);
});

test('honors Retry-After as a date by its own clock if the response has no valid Date', async () => {
	drive.simulator.clock.set(Date.UTC(2026, 0, 1));
	const headers = { Date: 'today', 'Retry-After': 'Thu, 01 Jan 2026 00:00:40 GMT' };
	drive.simulator.failNext(faults.status(503, headers));
	await drive.run(drive.locks(1));
	expect(drive.clock.sleeps[0]).toBeGreaterThan(30_000);
	expect(drive.clock.sleeps[0]).toBeLessThanOrEqual(40_000);
});

test('honors Retry-After as a date by the corrected clock if the response has no valid Date', async () => {
	drive.clock.ahead = 3_600_000;
	drive.simulator.clock.set(Date.UTC(2026, 0, 1));
	const refused = faults.status(401);
	const headers = { Date: 'today', 'Retry-After': 'Thu, 01 Jan 2026 00:00:40 GMT' };
	drive.simulator.failNext(refused, faults.status(503, headers));
	await drive.run(drive.locks(1));
	expect(drive.clock.sleeps[0]).toBeGreaterThan(30_000);
	expect(drive.clock.sleeps[0]).toBeLessThanOrEqual(40_000);
});

test('does not wait beyond the deadline of 60 seconds', async () => {
	drive.simulator.failNext(faults.status(503, { 'Retry-After': '60' }));
	const error = errorOf(await drive.run(drive.locks(1)));
	expect(drive.clock.sleeps).toEqual([]);
	expect(error.description).toContain('limit of 60 seconds');
});

test('signs each attempt again', async () => {
	drive.simulator.failNext(faults.status(503, { 'Retry-After': '5' }));
	await drive.run(drive.locks(1));
	const [first, second] = drive.simulator.requests.map(({ headers }) => headers['x-date']);
	expect(second! > first!).toBe(true);
});

test('sends at most Max Tries requests', async () => {
	drive.simulator.faultFor = () => faults.status(503);
	await drive.run(drive.locks(1), { options: { maxTries: 1 } });
	expect(drive.simulator.requests).toHaveLength(1);
});

test('ends an attempt without a response at the timeout', async () => {
	drive.simulator.faultFor = () => faults.silence();
	const began = Date.now();
	const error = errorOf(
		await drive.run(drive.locks(1), { options: { timeout: 100, maxTries: 2 } }),
	);
	expect(error.message).toContain('response timed out (100 ms)');
	expect(Date.now() - began).toBeGreaterThanOrEqual(200);
});

test('accepts a response that arrives before the timeout', async () => {
	drive.simulator.failNext(faults.delay(100));
	const { json } = await drive.run(drive.locks(1), { options: { timeout: 5000 } });
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.requests).toHaveLength(1);
});

test('renews 150 locks despite faults on every ninth request', async () => {
	let seen = 0;
	const menu = [faults.resetBefore(), faults.status(503), faults.cutOff(), faults.status(429)];
	drive.simulator.faultFor = () => (++seen % 9 === 0 ? menu[seen % menu.length] : undefined);
	const { json } = await drive.run(drive.locks(150));
	expect(json('Next')).toHaveLength(150);
	expect(drive.simulator.requests.length).toBeGreaterThan(150);
});

test.each([HOUR, -HOUR])(
	'keeps its backoff when the clock of the machine jumps by %d ms',
	async (jump) => {
		let responses = 0;
		drive.simulator.faultFor = () => {
			if (++responses === 2) drive.clock.ahead += jump;
			return responses <= 3 ? faults.status(503) : undefined;
		};
		const { json } = await drive.run(drive.locks(1));
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(drive.clock.sleeps.map(Math.round)).toEqual([500, 1500, 4500]);
	},
);

describe("n8n's Retry On Fail", () => {
	const retryOnFail = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

	test('releases the locks that failed, and fails none that were released before', async () => {
		const items = drive.locks(5);
		drive.simulator.failNext(faults.status(403), faults.status(404));
		const parameters = { operation: 'release', options: { maxConcurrency: 1 } };
		const { run, json } = await drive.run(items, parameters, retryOnFail);
		expect(run.status).toBe('success');
		const released = { code: 0, msg: 'success' };
		const before = { code: 0, msg: expect.any(String) as string, alreadyReleased: true };
		expect(json('Next')).toEqual([released, released, before, before, before]);
		expect(drive.simulator.locks.alive).toEqual([]);
	});

	test('names only the lock that keeps failing', async () => {
		const [one, other] = drive.locks(2);
		drive.simulator.faultFor = ({ headers }) =>
			headers['x-backup-lock-id'] === other!.lockId ? faults.status(403) : undefined;
		const executed = await drive.run([one!, other!], { operation: 'release' }, retryOnFail);
		expect(errorOf(executed).message).toContain(`1 of 2 locks were not released`);
		expect(errorOf(executed).message).toContain(other!.lockId);
		expect(drive.simulator.requests).toHaveLength(6);
	});

	test('deletes the records that failed, and fails none that were deleted before', async () => {
		const { simulator } = drive;
		const items = [1, 2, 3].map(() => ({
			recordId: simulator.records.create('100', 'server-1').recordId,
		}));
		simulator.failNext(faults.status(403));
		const parameters = {
			operation: 'delete',
			recordId: '={{ $json.recordId }}',
			lockId: drive.locks(1)[0]!.lockId,
			options: { maxConcurrency: 1 },
		};
		const { run, json } = await drive.runRecord(parameters, items, retryOnFail);
		expect(run.status).toBe('success');
		expect(json('Next')).toEqual(items.map(({ recordId }) => ({ deleted: true, recordId })));
	});

	test('still fails a lock that another execution released', async () => {
		const items = drive.locks(1);
		await drive.run(items, { operation: 'release' });
		const executed = await drive.run(items, { operation: 'release' }, retryOnFail);
		expect(errorOf(executed).message).toContain("doesn't exist or has expired");
	});
});
