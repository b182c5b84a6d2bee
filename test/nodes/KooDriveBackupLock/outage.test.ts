import type { Executed } from '../../engine';
import { PacedClock } from '../../engine/pacedClock';
import type { Fault } from '../../simulator';
import { faults } from '../../simulator';
import { SimulatedClock } from '../../simulator/clock';
import { continueOnFail, useKooDrive } from '../setup';

/*
 * Outages over real sockets: a server that is really closed and opened again on its port. Time runs faster
 * than on the wall, for the node's waits as well as for the service, and no faster than this machine can follow.
 */

const COUNT = 5_000;
const SECOND = 1_000;

const drive = useKooDrive({ clock: () => new SimulatedClock(0) });
let clock: PacedClock;

beforeEach(async () => {
	drive.simulator.keepsRequests = false;
	clock = new PacedClock(drive.simulator.clock).start();
	await drive.engine.useClock(clock);
});

afterEach(() => {
	clock.end();
});

const notRenewed = ({ json }: Executed) => json('Next').filter(({ code }) => code !== 0).length;

/** Lets something happen when a number of requests has come. */
function afterRequests(count: number, happen: () => void): () => Fault | undefined {
	let seen = 0;
	return () => {
		if (++seen === count) happen();
		return undefined;
	};
}

/** A fault for so many seconds, from the middle of the run on. */
function inTheMiddle(fault: Fault, seconds: number): () => Fault | undefined {
	let endsAt = -Infinity;
	const begin = afterRequests(COUNT / 2, () => {
		endsAt = clock.monotonic() + seconds * SECOND;
	});
	return () => {
		begin();
		return clock.monotonic() < endsAt ? fault : undefined;
	};
}

test.each([2, 5, 15])(
	'5,000 locks survive a KooDrive that refuses connections for %d s',
	async (seconds) => {
		const { simulator } = drive;
		const port = Number(new URL(simulator.endpoint).port);
		let reopened: Promise<unknown> | undefined;
		simulator.faultFor = afterRequests(COUNT / 2, () => {
			reopened = simulator
				.stop()
				.then(async () => await clock.sleep(seconds * SECOND))
				.then(async () => await simulator.start(port));
		});
		const executed = await drive.run(drive.locks(COUNT), {}, continueOnFail);
		await reopened;
		expect(notRenewed(executed)).toBe(0);
	},
);

test.each<[string, Fault, number]>([
	['HTTP 503', faults.status(503), 1],
	['HTTP 503', faults.status(503), 3],
	['HTTP 503', faults.status(503), 15],
	['resets', faults.resetBefore(), 5],
])('5,000 locks survive %s', async (_what, fault, seconds) => {
	drive.simulator.faultFor = inTheMiddle(fault, seconds);
	const executed = await drive.run(drive.locks(COUNT), {}, continueOnFail);
	expect(notRenewed(executed)).toBe(0);
});

test('one lock survives a KooDrive that is away for 20 s', async () => {
	const { simulator } = drive;
	const [item] = drive.locks(1);
	const port = Number(new URL(simulator.endpoint).port);
	await simulator.stop();
	const reopened = clock.sleep(20 * SECOND).then(async () => await simulator.start(port));
	const { json } = await drive.run([item!]);
	await reopened;
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
});

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
		const began = clock.monotonic();
		await drive.run(drive.locks(500), { options: { maxConcurrency: 20 } }, continueOnFail);
		const took = clock.monotonic() - began;
		return simulator.requests.length / took;
	};
	const well = await rate();
	simulator.faultFor = () => faults.status(503);
	const inTrouble = await rate();
	expect(simulator.mostConnections).toBeLessThanOrEqual(20);
	expect(inTrouble).toBeLessThan(well / 2);
});

describe('10,000 locks against a KooDrive that is dead', () => {
	const items = Array.from({ length: 10_000 }, (_, index) => ({ lockId: `${index}@100` }));

	async function expectAnEnd(longest: number): Promise<void> {
		const began = clock.monotonic();
		const since = new Date(clock.now()).toISOString().slice(0, 10);
		const { json } = await drive.run(items, {}, continueOnFail);
		expect(clock.monotonic() - began).toBeLessThanOrEqual(longest);
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

test('leaves nothing out because an outage in the middle of the run ended', async () => {
	const { simulator } = drive;
	simulator.faultFor = inTheMiddle(faults.status(503), 40);
	const executed = await drive.run(drive.locks(COUNT), {}, continueOnFail);
	const errors = executed.json('Next').map(({ error }) => String(error ?? ''));
	expect(errors.filter((error) => error.includes('was not tried'))).toEqual([]);
});

test('a lock that hangs for its whole minute is no outage while others are renewed', async () => {
	const { simulator } = drive;
	const items = drive.locks(COUNT);
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
