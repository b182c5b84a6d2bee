import { faults } from '../../simulator';
import { continueOnFail, errorOf, useKooDrive } from '../setup';

/* One odd answer among good ones must harm nobody else. */

const drive = useKooDrive();
const HOUR = 3_600_000;

const oddDates: Array<[string, () => string]> = [
	['an hour ahead', () => new Date(Date.now() + HOUR).toUTCString()],
	['an hour behind', () => new Date(Date.now() - HOUR).toUTCString()],
	['of 1970', () => 'Thu, 01 Jan 1970 00:00:00 GMT'],
	['of 9999', () => 'Fri, 31 Dec 9999 23:59:59 GMT'],
];

/** One refusal with this Date, in the middle of the others. */
function oneOddRefusal(date: () => string, status: number, body = ''): void {
	let seen = 0;
	drive.simulator.faultFor = () =>
		++seen === 100 ? { kind: 'answer', status, body, headers: { Date: date() } } : undefined;
}

describe.each(oddDates)('one refusal with a Date %s', (_when, date) => {
	test.each([1, 50])(
		'costs none of 200 healthy locks its renewal, %d at once',
		async (maxConcurrency) => {
			oneOddRefusal(date, 401);
			const { json } = await drive.run(drive.locks(200), { options: { maxConcurrency } });
			expect(json('Next')).toHaveLength(200);
			// Two more for the lock that met it: one with the wrong time, one with the right one.
			expect(drive.simulator.requests.length).toBeLessThanOrEqual(202);
		},
	);

	test.each([1, 10])(
		'leaves a lock that is gone its own reason, Max Tries %d',
		async (maxTries) => {
			drive.simulator.faultFor = () => ({
				kind: 'answer',
				status: 400,
				headers: { Date: date() },
				body: '{"code":13000309,"msg":"resource does not exist"}',
			});
			const error = errorOf(await drive.run([{ lockId: 'gone@100' }], { options: { maxTries } }));
			expect(error.message).toContain('KooDrive does not know this lock any more');
		},
	);
});

test('a clock that is really wrong is corrected with one refused request each for those in flight', async () => {
	drive.clock.ahead = HOUR;
	const { json } = await drive.run(drive.locks(200), { options: { maxConcurrency: 20 } });
	expect(json('Next')).toHaveLength(200);
	expect(drive.simulator.requests.length).toBeLessThanOrEqual(220);
});

test.each([
	['UTC', (date: string) => date.replace('GMT', 'UTC')],
	['+0000', (date: string) => date.replace('GMT', '+0000')],
])('understands a Date that ends in %s', async (_form, write) => {
	drive.clock.ahead = HOUR;
	drive.simulator.failNext({
		kind: 'answer',
		status: 401,
		headers: { Date: write(new Date(drive.simulator.clock.now()).toUTCString()) },
	});
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.requests).toHaveLength(2);
});

test('reads the first of two Date headers', async () => {
	drive.clock.ahead = HOUR;
	const right = new Date(drive.simulator.clock.now()).toUTCString();
	drive.simulator.failNext({
		kind: 'answer',
		status: 401,
		headers: { Date: [right, new Date(0).toUTCString()] },
	});
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
	expect(drive.simulator.requests).toHaveLength(2);
});

test.each([HOUR, -HOUR])(
	'a clock that jumps by %d ms while a lock waits changes neither its patience nor its end',
	async (jump) => {
		let answers = 0;
		drive.simulator.faultFor = () => {
			if (++answers === 2) drive.clock.ahead += jump;
			return answers <= 3 ? faults.status(503) : undefined;
		};
		const { json } = await drive.run(drive.locks(1));
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(drive.clock.waits.map(Math.round)).toEqual([500, 1500, 4500]);
	},
);

test('a lock ID of a megabyte is named briefly, and goes out whole where a server takes it', async () => {
	const lockId = 'x'.repeat(1_000_000);
	const { json } = await drive.run([{ lockId }], {}, continueOnFail);
	expect(String(json('Next')[0]!.error).length).toBeLessThan(500);
	const shorter = 'y'.repeat(5_000);
	await drive.run([{ lockId: shorter }], {}, continueOnFail);
	expect(drive.simulator.requests.at(-1)!.headers['x-backup-lock-id']).toBe(shorter);
});
