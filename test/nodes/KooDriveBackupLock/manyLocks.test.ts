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

test('fails the rest at once when the endpoint is dead', async () => {
	await drive.simulator.stop();
	const items = Array.from({ length: 500 }, (_, number) => ({ lockId: `${number}@100` }));
	const { json } = await drive.run(items, { options: { maxConcurrency: 5 } }, continueOnFail);
	const errors = json('Next').map(({ error }) => String(error));
	expect(errors).toHaveLength(500);
	const notTried = errors.filter((error) => error.includes('it was not tried'));
	expect(notTried.length).toBeGreaterThanOrEqual(500 - 2 * 5 - 5);
	expect(errors[499]).toMatch(/^Lock "499@100" was not renewed: it was not tried/);
	await drive.simulator.start();
});

test('does not claim that all were tried when the rest was left out', async () => {
	drive.simulator.faultFor = () => faults.status(404);
	const whole = errorOf(await drive.run(drive.locks(3)));
	expect(whole.description).toContain('All the locks were tried.');
	await drive.simulator.stop();
	const partly = errorOf(
		await drive.run(drive.locks(50), { options: { maxConcurrency: 1, maxTries: 1 } }),
	);
	expect(partly.message).toMatch(/^50 of 50 locks were not renewed/);
	expect(partly.description).not.toContain('All the locks were tried');
	expect(partly.description).toContain(
		'48 of the locks were not tried, because KooDrive could not be reached',
	);
	await drive.simulator.start();
});

test('counts a missing lock ID of an item that was not tried as well', async () => {
	await drive.simulator.stop();
	const items = Array.from({ length: 6 }, () => ({ lockId: '' }));
	const { json } = await drive.run(
		[{ lockId: 'a@1' }, { lockId: 'b@1' }, { lockId: 'c@1' }, ...items],
		{ options: { maxConcurrency: 1 } },
		continueOnFail,
	);
	expect(json('Next').at(-1)).toEqual({
		error: expect.stringMatching(/^The lock was not renewed: it was not tried/) as string,
	});
	await drive.simulator.start();
});

test('stops spending retries on a service that is down for all locks', async () => {
	drive.simulator.faultFor = () => faults.status(503);
	const { json } = await drive.run(drive.locks(1000), {}, continueOnFail);
	expect(json('Next').every(({ httpCode }) => httpCode === 503)).toBe(true);
	// 500 tokens pay for 100 retries at 5 each.
	expect(drive.simulator.requests.length).toBeGreaterThan(1050);
	expect(drive.simulator.requests.length).toBeLessThanOrEqual(1100);
});
