import { faults } from '../../simulator';
import { SimulatedClock } from '../../simulator/clock';
import { continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive({ clock: () => new SimulatedClock(0) });

test('does not claim that all were tried when the rest was left out', async () => {
	drive.simulator.faultFor = () => faults.status(404);
	const whole = errorOf(await drive.run(drive.locks(3)));
	expect(whole.description).toContain('All the locks were tried.');
	const items = drive.locks(50);
	await drive.simulator.stop();
	const partly = errorOf(await drive.run(items, { options: { maxConcurrency: 1 } }));
	await drive.simulator.start();
	expect(partly.message).toMatch(/^50 of 50 locks were not renewed/);
	expect(partly.description).not.toContain('All the locks were tried');
	expect(partly.description).toMatch(
		/ 48 of the locks were not tried, because KooDrive could not be reached for those before them\./,
	);
});

test('hands on which locks were left out, and since when nothing was reached', async () => {
	const items = drive.locks(4);
	const since = new Date(drive.clock.now()).toISOString().slice(0, 19).replace('T', ' ');
	await drive.simulator.stop();
	const { json } = await drive.run(items, { options: { maxConcurrency: 1 } }, continueOnFail);
	await drive.simulator.start();
	const [first, second, ...others] = json('Next');
	for (const tried of [first, second]) expect(tried!.error).toContain('the connection was refused');
	expect(others).toEqual(
		items.slice(2).map(({ lockId }) => ({
			lockId,
			error: expect.stringContaining(
				`it was not tried, because nothing at the Endpoint could be reached (since ${since} UTC)`,
			) as string,
		})),
	);
});
