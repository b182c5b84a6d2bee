import { faults } from '../simulator';
import { appCredential, continueOnFail, errorOf, HOUR, MINUTE, useKooDrive } from '../setup';

const drive = useKooDrive();

test.each([
	['ahead by an hour', 60],
	['ahead by two seconds', 2 / 60],
	['behind by an hour', -60],
	['behind by 16 minutes', -16],
])("uses the server's time after a rejection when its own clock is %s", async (_what, minutes) => {
	drive.clock.ahead = minutes * MINUTE;
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(drive.simulator.requests).toHaveLength(2);
	expect(drive.clock.sleeps).toEqual([]);
});

test('corrects the time of a signed request', async () => {
	drive.clock.ahead = 60 * MINUTE;
	drive.credential = appCredential(drive);
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
});

test('keeps the corrected time for the rest of the execution', async () => {
	drive.clock.ahead = 60 * MINUTE;
	const { json } = await drive.run(drive.locks(10), { options: { maxConcurrency: 1 } });
	expect(json('Next')).toHaveLength(10);
	expect(drive.simulator.requests).toHaveLength(11);
});

test('sends no second request when its clock is within the tolerance', async () => {
	drive.clock.ahead = -14 * MINUTE;
	await drive.run(drive.locks(5));
	expect(drive.simulator.requests).toHaveLength(5);
});

test('does not correct its clock after a rejection with a matching Date', async () => {
	drive.credential.accessToken = 'a-token-that-has-died';
	await drive.run(drive.locks(3), {}, continueOnFail);
	expect(drive.simulator.requests).toHaveLength(3);
});

test('does not correct its clock after a success, whatever its Date', async () => {
	drive.simulator.failNext(faults.skewedDate(-3_600_000));
	await drive.run(drive.locks(2), { options: { maxConcurrency: 1 } });
	const [first, second] = drive.simulator.requests;
	expect(second!.headers['x-date']! >= first!.headers['x-date']!).toBe(true);
});

test('corrects its clock twice, then names the clock as the cause', async () => {
	const lying = { respond: { status: 401, headers: { Date: new Date(0).toUTCString() } } } as const;
	drive.simulator.faultFor = () => ({
		...lying,
		headers: { Date: new Date(Date.now() - 3.6e6 * drive.simulator.requests.length).toUTCString() },
	});
	const error = errorOf(await drive.run(drive.locks(1)));
	expect(drive.simulator.requests).toHaveLength(3);
	expect(error.message).toContain('(clock skew');
	expect(error.description).toContain('NTP');
});

test('counts the corrected request as an attempt', async () => {
	drive.clock.ahead = 60 * MINUTE;
	const error = errorOf(await drive.run(drive.locks(1), { options: { maxTries: 1 } }));
	expect(drive.simulator.requests).toHaveLength(1);
	expect(error.message).toContain('clock skew');
});

test('corrects its clock after a rejection with a code and HTTP 200', async () => {
	drive.clock.ahead = 60 * MINUTE;
	drive.simulator.failNext(faults.code(13000001, 'signature expired'));
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
});

test("adds the details of the lock by the server's clock if Include Lock Details is on", async () => {
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

test('uses its own clock for the details if the response has no Date', async () => {
	drive.simulator.clock.set(Date.UTC(2025, 10, 3, 7, 1, 40));
	drive.simulator.failNext(faults.noDate());
	const { json } = await drive.run(drive.locks(1), { options: { includeLockDetails: true } });
	expect(String(json('Next')[0]!.renewedAt)).toMatch(/^2025-11-03T07:01:4/);
});

const oddDates: Array<[string, () => string]> = [
	['an hour ahead', () => new Date(Date.now() + HOUR).toUTCString()],
	['an hour behind', () => new Date(Date.now() - HOUR).toUTCString()],
	['of 1970', () => 'Thu, 01 Jan 1970 00:00:00 GMT'],
	['of 9999', () => 'Fri, 31 Dec 9999 23:59:59 GMT'],
];

/** Rejects one request among the others, with this Date. */
function oneOddRefusal(date: () => string, status: number, body = ''): void {
	let seen = 0;
	drive.simulator.faultFor = () =>
		++seen === 30 ? { respond: { status, body, headers: { Date: date() } } } : undefined;
}

describe.each(oddDates)('one rejection with a Date %s', (_when, date) => {
	test.each([1, 50])(
		'does not prevent the renewal of 60 locks, %d at a time',
		async (maxConcurrency) => {
			oneOddRefusal(date, 401);
			const { json } = await drive.run(drive.locks(60), { options: { maxConcurrency } });
			expect(json('Next')).toHaveLength(60);
			// Two more for the rejected lock: one with the wrong time, one with the right one.
			expect(drive.simulator.requests.length).toBeLessThanOrEqual(62);
		},
	);

	test.each([1, 10])(
		'does not hide that a lock no longer exists, Max Tries %d',
		async (maxTries) => {
			drive.simulator.faultFor = () => ({
				respond: {
					status: 400,
					headers: { Date: date() },
					body: '{"code":13000309,"msg":"resource does not exist"}',
				},
			});
			const error = errorOf(await drive.run([{ lockId: 'gone@100' }], { options: { maxTries } }));
			expect(error.message).toContain("the lock doesn't exist or has expired");
		},
	);
});

test('corrects a wrong clock with at most one rejected request per lock in flight', async () => {
	drive.clock.ahead = HOUR;
	const { json } = await drive.run(drive.locks(60), { options: { maxConcurrency: 20 } });
	expect(json('Next')).toHaveLength(60);
	expect(drive.simulator.requests.length).toBeLessThanOrEqual(80);
});

test.each([
	['UTC', (date: string) => date.replace('GMT', 'UTC')],
	['+0000', (date: string) => date.replace('GMT', '+0000')],
])('reads a Date that ends in %s', async (_form, write) => {
	drive.clock.ahead = HOUR;
	drive.simulator.failNext({
		respond: {
			status: 401,
			headers: { Date: write(new Date(drive.simulator.clock.now()).toUTCString()) },
		},
	});
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.requests).toHaveLength(2);
});

test('reads the first of two Date headers', async () => {
	drive.clock.ahead = HOUR;
	const right = new Date(drive.simulator.clock.now()).toUTCString();
	drive.simulator.failNext({
		respond: { status: 401, headers: { Date: [right, new Date(0).toUTCString()] } },
	});
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.requests).toHaveLength(2);
});

test('sends a Create once although the Date of a server error is behind its clock', async () => {
	drive.simulator.faultFor = () => ({
		respond: {
			status: 500,
			headers: {
				'Content-Type': 'application/json',
				Date: new Date(drive.simulator.clock.now() - MINUTE).toUTCString(),
			},
			body: JSON.stringify({ code: 13000001, msg: 'internal error' }),
		},
	});
	await drive.run([{}], { operation: 'create', moduleCode: '100' });
	expect(drive.simulator.requests).toHaveLength(1);
});
