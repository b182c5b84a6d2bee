import { faults } from '../../simulator';
import { continueOnFail } from '../setup';
import { afterRequests, notRenewed, SECOND, useOutages } from './outages';

const outages = useOutages();
const { drive } = outages;

test('a lock that waits keeps its place, and dead ones take nothing from the others', async () => {
	const items = drive.locks(200);
	for (let index = 0; index < 66; index++) items[index * 3] = { lockId: `dead-${index}@100` };
	let isAway = true;
	drive.simulator.faultFor = ({ headers }) => {
		const isDead = String(headers['x-backup-lock-id']).startsWith('dead');
		if (isDead) return faults.status(503);
		isAway = !isAway;
		return isAway ? faults.status(503) : undefined;
	};
	const executed = await drive.run(items, {}, continueOnFail);
	expect(notRenewed(executed)).toBe(66);
});

test('a service in trouble gets no more requests at once than Max Concurrency, and fewer a second than when it is well', async () => {
	const { simulator } = drive;
	simulator.keepsRequests = true;
	simulator.latency = 2;
	const rate = async () => {
		simulator.requests.length = 0;
		const began = outages.clock.monotonic();
		await drive.run(drive.locks(500), { options: { maxConcurrency: 20 } }, continueOnFail);
		const took = outages.clock.monotonic() - began;
		return simulator.requests.length / took;
	};
	const well = await rate();
	simulator.faultFor = () => faults.status(503);
	const inTrouble = await rate();
	expect(simulator.mostConnections).toBeLessThanOrEqual(20);
	expect(inTrouble).toBeLessThan(well / 2);
});

test('a lock that hangs for its whole minute is no outage while others are renewed', async () => {
	const { simulator } = drive;
	const items = drive.locks(5_000);
	const hanging = items[0]!.lockId;
	simulator.latency = 40;
	const aMinuteGoesBy = afterRequests(200, () => simulator.clock.advance(60 * SECOND));
	simulator.faultFor = ({ headers }) =>
		headers['x-backup-lock-id'] === hanging ? faults.silence() : aMinuteGoesBy();
	// The timeout is the machine's: it does not run faster.
	const options = { timeout: 2 * SECOND };
	const { json } = await drive.run(items, { options }, continueOnFail);
	expect(json('Next').flatMap(({ error }) => error ?? [])).toEqual([
		expect.stringContaining('KooDrive did not answer in time') as string,
	]);
});

describe('10,000 locks against a KooDrive that is dead', () => {
	const items = Array.from({ length: 10_000 }, (_, index) => ({ lockId: `${index}@100` }));

	async function expectAnEnd(longest: number): Promise<void> {
		const began = outages.clock.monotonic();
		const since = new Date(outages.clock.now()).toISOString().slice(0, 10);
		const { json } = await drive.run(items, {}, continueOnFail);
		expect(outages.clock.monotonic() - began).toBeLessThanOrEqual(longest);
		const errors = json('Next').map(({ error }) => String(error));
		expect(errors).toHaveLength(10_000);
		expect(errors[0]).not.toContain('was not tried');
		expect(errors.at(-1)).toMatch(
			/^Lock "9999@100" was not renewed: it was not tried, because nothing at the Endpoint could be reached \(since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)$/,
		);
		expect(errors.at(-1)).toContain(since);
	}

	const A_MINUTE_AND_A_TIMEOUT = 70 * SECOND;

	test('a port that refuses connections ends the run', async () => {
		await drive.simulator.stop();
		await expectAnEnd(A_MINUTE_AND_A_TIMEOUT);
		await drive.simulator.start();
	});

	test('a server that answers HTTP 503 to all ends the run', async () => {
		drive.simulator.faultFor = () => faults.status(503);
		await expectAnEnd(A_MINUTE_AND_A_TIMEOUT);
	});

	test('a host that says nothing ends the run', async () => {
		drive.simulator.faultFor = () => faults.silence();
		// The timeout is the machine's: it does not run faster.
		const { json } = await drive.run(items, { options: { timeout: 500 } }, continueOnFail);
		expect(json('Next').at(-1)!.error).toContain('it was not tried');
	});
});
