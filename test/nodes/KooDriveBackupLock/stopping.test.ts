import { workflowOf } from '../../engine';
import { faults } from '../../simulator';
import { continueOnFail, useKooDrive } from '../setup';

const drive = useKooDrive({ realTime: true });

/** Milliseconds: the calls that are stopped would go on for ten seconds or more. */
const LONG_BEFORE_ANY_WAIT = 5_000;

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function stopWhen(
	condition: () => boolean,
	settings = {},
	count = 1,
): Promise<{ status: string; tookMilliseconds: number; error: string }> {
	const execution = await drive.engine.start(
		workflowOf(drive.locks(count), {}, settings),
		drive.credential,
	);
	await until(condition);
	const began = Date.now();
	execution.cancel();
	const { run } = await execution.finished;
	return {
		status: run.status,
		tookMilliseconds: Date.now() - began,
		error: run.data.resultData.error?.message ?? '',
	};
}

test('ends a call that is under way as soon as the user stops the execution', async () => {
	drive.simulator.faultFor = () => faults.silence();
	const stopped = await stopWhen(() => drive.simulator.requests.length === 1);
	expect(stopped.status).toBe('canceled');
	expect(stopped.error).toContain('canceled');
	expect(stopped.error).not.toContain('KooDrive');
	expect(stopped.tookMilliseconds).toBeLessThan(LONG_BEFORE_ANY_WAIT);
});

test('ends a wait before the next try as soon as the user stops the execution', async () => {
	drive.simulator.faultFor = () => faults.status(503, { 'Retry-After': '30' });
	const stopped = await stopWhen(() => drive.simulator.requests.length === 1);
	expect(stopped.status).toBe('canceled');
	expect(stopped.tookMilliseconds).toBeLessThan(LONG_BEFORE_ANY_WAIT);
	expect(drive.simulator.requests).toHaveLength(1);
});

test('begins no further locks once it is stopped, even if it continues on failure', async () => {
	drive.simulator.faultFor = () => faults.silence();
	const stopped = await stopWhen(() => drive.simulator.requests.length === 50, continueOnFail, 200);
	expect(stopped.status).toBe('canceled');
	expect(drive.simulator.requests).toHaveLength(50);
});

test('leaves no connection open', async () => {
	drive.simulator.faultFor = () => faults.silence();
	await stopWhen(() => drive.simulator.requests.length === 1);
	await until(() => drive.simulator.openConnections === 0);
});
