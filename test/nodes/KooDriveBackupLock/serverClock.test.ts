import { faults } from '../../simulator';
import { appCredential, continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();
const MINUTE = 60_000;

test.each([
	['ahead by an hour', 60],
	['ahead by two seconds', 2 / 60],
	['behind by an hour', -60],
	['behind by 16 minutes', -16],
])("takes the server's time after a refusal when its own clock is %s", async (_what, minutes) => {
	drive.clock.ahead = minutes * MINUTE;
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(drive.simulator.requests).toHaveLength(2);
	expect(drive.clock.waits).toEqual([]);
});

test('corrects a signed request, too', async () => {
	drive.clock.ahead = 60 * MINUTE;
	drive.credential = appCredential(drive);
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toHaveLength(1);
});

test('keeps what it learnt for the rest of the execution', async () => {
	drive.clock.ahead = 60 * MINUTE;
	const { json } = await drive.run(drive.locks(10), { options: { maxConcurrency: 1 } });
	expect(json('Next')).toHaveLength(10);
	expect(drive.simulator.requests).toHaveLength(11);
});

test('sends no needless second request when the clock is right enough', async () => {
	drive.clock.ahead = -14 * MINUTE;
	await drive.run(drive.locks(5));
	expect(drive.simulator.requests).toHaveLength(5);
});

test('does not correct its clock without evidence', async () => {
	drive.credential.accessToken = 'a-token-that-has-died';
	await drive.run(drive.locks(3), {}, continueOnFail);
	expect(drive.simulator.requests).toHaveLength(3);
});

test('does not correct its clock on a success, whatever the date says', async () => {
	drive.simulator.failNext(faults.skewedDate(-3_600_000));
	await drive.run(drive.locks(2), { options: { maxConcurrency: 1 } });
	const [first, second] = drive.simulator.requests;
	expect(second!.headers['x-date']! >= first!.headers['x-date']!).toBe(true);
});

test('corrects twice at the most, then names the clock as the cause', async () => {
	const lying = {
		kind: 'answer',
		status: 401,
		headers: { Date: new Date(0).toUTCString() },
	} as const;
	drive.simulator.faultFor = () => ({
		...lying,
		headers: { Date: new Date(Date.now() - 3.6e6 * drive.simulator.requests.length).toUTCString() },
	});
	const error = errorOf(await drive.run(drive.locks(1)));
	expect(drive.simulator.requests).toHaveLength(3);
	expect(error.message).toContain('the clock of the machine that n8n runs on differs too much');
	expect(error.description).toContain('NTP');
});

test('counts the corrected call as a try', async () => {
	drive.clock.ahead = 60 * MINUTE;
	const error = errorOf(await drive.run(drive.locks(1), { options: { maxTries: 1 } }));
	expect(drive.simulator.requests).toHaveLength(1);
	expect(error.message).toContain('differs too much');
});

test('corrects a refusal that comes as a code under HTTP 200', async () => {
	drive.clock.ahead = 60 * MINUTE;
	drive.simulator.failNext(faults.code(13000001, 'signature expired'));
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
});
