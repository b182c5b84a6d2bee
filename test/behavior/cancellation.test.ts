import { workflowOf } from '../engine';
import { faults } from '../simulator';
import { continueOnFail, useKooDrive } from '../setup';
import { until } from '../until';

const drive = useKooDrive('real');

/** Milliseconds. The stopped requests would take ten seconds or more. */
const LONG_BEFORE_ANY_WAIT = 5_000;

async function stopWhen(
	condition: () => boolean,
	settings = {},
	count = 1,
): Promise<{ status: string; tookMilliseconds: number; error: string; description: string }> {
	const execution = await drive.engine.start(
		workflowOf(drive.locks(count), {}, settings),
		drive.credential,
	);
	await until('it is time to stop', condition);
	const began = Date.now();
	execution.cancel();
	const { run } = await execution.finished;
	const { error } = run.data.resultData;
	return {
		status: run.status,
		tookMilliseconds: Date.now() - began,
		error: error?.message ?? '',
		description: error?.description ?? '',
	};
}

test('ends a request when the user stops the execution', async () => {
	drive.simulator.faultFor = () => faults.silence();
	const stopped = await stopWhen(() => drive.simulator.requests.length === 1);
	expect(stopped.status).toBe('canceled');
	expect(stopped.error).toContain('canceled');
	expect(stopped.error).not.toContain('KooDrive');
	expect(stopped.tookMilliseconds).toBeLessThan(LONG_BEFORE_ANY_WAIT);
});

test('ends a backoff when the user stops the execution', async () => {
	drive.simulator.faultFor = () => faults.status(503, { 'Retry-After': '30' });
	const stopped = await stopWhen(() => drive.simulator.requests.length === 1);
	expect(stopped.status).toBe('canceled');
	expect(stopped.tookMilliseconds).toBeLessThan(LONG_BEFORE_ANY_WAIT);
	expect(drive.simulator.requests).toHaveLength(1);
});

test('sends no further requests after a stop, even with "Continue"', async () => {
	drive.simulator.faultFor = () => faults.silence();
	const stopped = await stopWhen(() => drive.simulator.requests.length === 50, continueOnFail, 200);
	expect(stopped.status).toBe('canceled');
	expect(drive.simulator.requests).toHaveLength(50);
});

test.each([{}, continueOnFail])(
	'says how many locks were not renewed at the time of the stop: %j',
	async (settings) => {
		const renewed = 20;
		drive.simulator.faultFor = () =>
			drive.simulator.requests.length > renewed ? faults.silence() : undefined;
		const everyoneWaits = () => drive.simulator.requests.length === renewed + 50;
		const stopped = await stopWhen(everyoneWaits, settings, 200);
		expect(stopped.error).toBe('The execution was canceled');
		expect(stopped.description).toBe(
			"180 of 200 locks were not renewed before that. A user stopped it, or it took longer than the workflow's setting 'Timeout Workflow' allows. Run the workflow again to continue.",
		);
	},
);

test('closes all connections after a stop', async () => {
	drive.simulator.faultFor = () => faults.silence();
	await stopWhen(() => drive.simulator.requests.length === 1);
	await until('no connection is open', () => drive.simulator.openConnections === 0);
});
