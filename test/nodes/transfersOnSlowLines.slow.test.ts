import { bytes } from '../engine/files';
import { HOUR, MINUTE, SECOND } from '../setup';
import { faults } from '../simulator';
import {
	expectBackup,
	expectRestored,
	explanationOf,
	MIB,
	outcomeOf,
	sum,
	useTransfers,
} from './transfers';

/** Bytes per second of 1 Mbit/s. */
const MEGABIT = 125_000;

const transfers = useTransfers('filesystem', 128 * MIB);
const { drive, backUp, restore, sent, seconds } = transfers;

const files = Array.from({ length: 20 }, (_, index) => ({
	content: bytes(10 * MIB, index + 1),
	name: `${index}`,
}));
const total = 200 * MIB;

test.each([1, 5])(
	'16 transfers share a line of %d Mbit/s: everything arrives once, and the line is used',
	async (megabits) => {
		const { line, store } = drive.simulator;
		Object.assign(line, { up: megabits * MEGABIT, down: megabits * MEGABIT, roundTrip: 150 });
		const ideal = total / (megabits * MEGABIT);

		seconds();
		expectBackup(await backUp(files), files, transfers);
		expect(seconds()).toBeLessThan(ideal / 0.9);
		expect(sum(sent('PUT').map((put) => put.bytes))).toBe(total);
		expect(store.mostInFlight).toBe(16);

		await expectRestored(await restore(), files);
		expect(seconds()).toBeLessThan(ideal / 0.9);
		expect(sum(sent('GET').map(({ sentBytes }) => sentBytes))).toBe(total);
	},
);

test('a part that takes an hour survives two resets', async () => {
	drive.simulator.line.up = total / 3_600;
	const [content, name] = [bytes(100 * MIB), 'a'];
	drive.simulator.store.failNext(faults.reset(90 * MIB), faults.reset(60 * MIB));
	expectBackup(await backUp([{ content, name }]), [{ content, name }], transfers);
	expect(seconds()).toBeGreaterThan(1.25 * 3_600);
	expect(sent('PUT')).toHaveLength(3);
});

test('a download that takes hours survives ten resets', async () => {
	const [content, name] = [bytes(50 * MIB), 'a'];
	await backUp([{ content, name }]);
	drive.simulator.line.down = total / 4 / 7_200;
	let resets = 0;
	drive.simulator.store.faultFor = () => (resets++ < 10 ? faults.reset(4 * MIB) : undefined);
	await expectRestored(await restore(), [{ content, name }]);
	expect(sent('GET')).toHaveLength(11);
});

test('two outages of eight minutes in one backup, minutes apart', async () => {
	const { line, store } = drive.simulator;
	// 16 files take 450 s: the first ones arrive, the next ones meet an outage, and so do the last ones.
	line.up = 3 * MEGABIT;
	const outages = [MINUTE, 17 * MINUTE].map((from) => ({
		from,
		to: from + 8 * MINUTE,
		rejected: 0,
	}));
	const began = drive.clock.monotonic();
	store.faultFor = () => {
		const time = drive.clock.monotonic() - began;
		const outage = outages.find(({ from, to }) => time >= from && time < to);
		if (outage === undefined) return undefined;
		outage.rejected++;
		return faults.status(503);
	};
	const many = [...files, ...files].map((file, index) => ({ ...file, name: `${index}` }));
	const executed = await backUp(many, { skipStored: false });
	expectBackup(executed, many, transfers);
	for (const { rejected } of outages) expect(rejected).toBeGreaterThan(0);
	expect(drive.clock.monotonic() - began).toBeLessThan(HOUR);
});

test.each([
	['before a byte', faults.stall()],
	['in the middle', faults.stall(4 * MIB)],
	['when all bytes have been sent', faults.noResponse('stall')],
])('a router that forgets all connections %s is survived', async (_when, fault) => {
	drive.simulator.line.up = 5 * MEGABIT;
	drive.simulator.store.failNext(...Array.from({ length: 16 }, () => fault));
	expectBackup(await backUp(files), files, transfers);
	expect(sent('PUT')).toHaveLength(36);
});

test('a backup ends if the store never responds to a large part, within 15 minutes', async () => {
	drive.simulator.store.faultFor = () => faults.noResponse('stall');
	// With so many, the response to the second attempt would come too late, were it waited for as long as the first.
	expect(explanationOf(await backUp(files.slice(0, 12)))).toMatch(/object store/);
	expect(seconds()).toBeLessThan(15 * 60);
});

test('a lock outlives a backup of hours', async () => {
	drive.simulator.line.up = MEGABIT;
	const executed = await backUp(files);
	expect(outcomeOf(executed)).toBe('success');
	expect(seconds() * SECOND).toBeGreaterThan(20 * MINUTE);
	expect(drive.simulator.locks.expiredWhenNeeded).toBe(0);
});
