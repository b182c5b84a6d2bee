import type { Fault } from '../../simulator';
import { faults } from '../../simulator';
import { continueOnFail } from '../setup';
import { afterRequests, notRenewed, SECOND, useOutages } from './outages';

const COUNT = 5_000;

const outages = useOutages();
const { drive } = outages;

/** A fault for so many seconds, from the middle of the run on. */
function inTheMiddle(fault: Fault, seconds: number): () => Fault | undefined {
	let endsAt = -Infinity;
	const begin = afterRequests(COUNT / 2, () => {
		endsAt = outages.clock.monotonic() + seconds * SECOND;
	});
	return () => {
		begin();
		return outages.clock.monotonic() < endsAt ? fault : undefined;
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
				.then(async () => await outages.clock.sleep(seconds * SECOND))
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
	const reopened = outages.clock.sleep(20 * SECOND).then(async () => await simulator.start(port));
	const { json } = await drive.run([item!]);
	await reopened;
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
});

test('leaves nothing out because an outage in the middle of the run ended', async () => {
	const { simulator } = drive;
	simulator.faultFor = inTheMiddle(faults.status(503), 40);
	const executed = await drive.run(drive.locks(COUNT), {}, continueOnFail);
	const errors = executed.json('Next').map(({ error }) => String(error ?? ''));
	expect(errors.filter((error) => error.includes('was not tried'))).toEqual([]);
});
