import { faults } from '../../simulator';
import { continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

test('renews 1,000 locks with no more than 50 connections at once', async () => {
	const { json } = await drive.run(drive.locks(1000));
	expect(json('Next')).toHaveLength(1000);
	expect(drive.simulator.requests).toHaveLength(1000);
	expect(drive.simulator.mostConnections).toBeLessThanOrEqual(50);
});

test('keeps to the Max Concurrency that the user chose', async () => {
	drive.simulator.latency = 5;
	await drive.run(drive.locks(30), { options: { maxConcurrency: 3 } });
	expect(drive.simulator.mostConnections).toBeLessThanOrEqual(3);
});

test('tries every lock and then says how many of how many were not renewed, and why', async () => {
	const items = drive.locks(10);
	items[3] = { lockId: 'first@100' };
	items[7] = { lockId: 'second@100' };
	const error = errorOf(await drive.run(items));
	expect(drive.simulator.requests).toHaveLength(10);
	expect(error.message).toMatch(
		/^2 of 10 locks were not renewed\. The first: Lock "first@100" was not renewed: KooDrive does not know/,
	);
	expect(error.context).toMatchObject({ itemIndex: 3 });
	expect(error.description).toContain('set On Error');
});

test('does not let one silent lock hold up the others', async () => {
	const items = drive.locks(20);
	drive.simulator.faultFor = ({ headers }) =>
		headers['x-backup-lock-id'] === items[0]!.lockId ? faults.silence() : undefined;
	const { json } = await drive.run(
		items,
		{ options: { maxConcurrency: 2, timeout: 100, maxTries: 2 } },
		continueOnFail,
	);
	expect(json('Next').filter(({ code }) => code === 0)).toHaveLength(19);
	expect(json('Next')[0]!.error).toContain('did not answer in time');
});

test('survives faults at random positions among 1,000 locks', async () => {
	let seen = 0;
	const menu = [faults.resetBefore(), faults.status(503), faults.cutOff(), faults.status(429)];
	drive.simulator.faultFor = () => (++seen % 9 === 0 ? menu[seen % menu.length] : undefined);
	const { json } = await drive.run(drive.locks(1000));
	expect(json('Next')).toHaveLength(1000);
	expect(drive.simulator.requests.length).toBeGreaterThan(1000);
});

test('works on an ID once that stands in two items, and answers both', async () => {
	const [one, other] = drive.locks(2);
	const items = [one!, other!, { lockId: ` ${one!.lockId}` }, one!];
	const { json } = await drive.run(items, { options: { includeLockDetails: true } });
	expect(drive.simulator.requests).toHaveLength(2);
	expect(json('Next').map(({ lockId }) => lockId)).toEqual(
		[one, other, one, one].map((item) => item!.lockId),
	);
});

test('releases a lock once that stands in two items, and both succeed', async () => {
	const [item] = drive.locks(1);
	const { json } = await drive.run([item!, item!], { operation: 'release' });
	expect(drive.simulator.requests).toHaveLength(1);
	expect(json('Next')).toEqual([
		{ code: 0, msg: 'success' },
		{ code: 0, msg: 'success' },
	]);
});

test('tells both items of an ID why it failed', async () => {
	const gone = { lockId: 'gone@100' };
	const { json } = await drive.run([gone, gone], {}, continueOnFail);
	expect(drive.simulator.requests).toHaveLength(1);
	expect(json('Next')).toMatchObject([
		{ lockId: 'gone@100', code: 13000309 },
		{ lockId: 'gone@100', code: 13000309 },
	]);
});

test('makes as many locks as there are items, though all ask for the same', async () => {
	await drive.run([{}, {}, {}], { operation: 'create', moduleCode: '100' });
	expect(drive.simulator.locks.alive).toHaveLength(3);
});
