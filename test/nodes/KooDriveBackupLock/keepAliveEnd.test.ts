import type { IExecuteData, IRunExecutionData, ITaskData } from 'n8n-workflow';
import { createRunExecutionData, WorkflowOperationError } from 'n8n-workflow';

import { keeper } from '../../../dist/nodes/shared/keeper/keeper';
import type { ExecutionRecord } from '../../../dist/nodes/shared/keeper/execution';
import { faults } from '../../simulator';
import { LOCK_ID, MINUTE, SECOND, useKeptLock } from './keptLock';

const kept = useKeptLock();

test('Release ends it first: no renewal comes after', async () => {
	await kept.run(async () => await kept.clock.pass(300 * SECOND), { then: ['release', 'renew'] });
	expect(kept.sent.slice(0, 3)).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 300']);
	expect(keeper.held.kept).toBe(0);
});

test('Release waits for a renewal in flight', async () => {
	kept.faultFor = ({ method }) =>
		method === 'PATCH' && kept.sent.length > 1 ? faults.delay(100) : undefined;
	const arrived: string[] = [];
	await kept.run(
		async () => {
			void kept.clock.pass(200 * SECOND);
			while (kept.sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
			arrived.push(...kept.sent);
		},
		{ then: ['release'] },
	);
	expect(arrived).toEqual(['PATCH 0', 'PATCH 200']);
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 200']);
	expect(kept.drive.simulator.locks.alive).toEqual([]);
});

test('Release at End gives the lock back when the workflow ends', async () => {
	const { run: ended } = await kept.run(async () => await kept.clock.pass(MINUTE), {
		options: { releaseAtEnd: true },
	});
	expect(ended.status).toBe('success');
	expect(kept.sent).toEqual(['PATCH 0', 'DELETE 60']);
});

test('Release at End gives it back when the workflow fails too', async () => {
	const { run: ended } = await kept.run(
		async () => await Promise.reject(new Error('the backup failed')),
		{ options: { releaseAtEnd: true } },
	);
	expect(ended.status).toBe('error');
	expect(kept.sent).toEqual(['PATCH 0', 'DELETE 0']);
});

test('Release at End releases nothing that a step has released, and nothing that is lost', async () => {
	await kept.run(async () => await Promise.resolve(), {
		options: { releaseAtEnd: true },
		then: ['release'],
	});
	expect(kept.sent).toEqual(['PATCH 0', 'DELETE 0']);
	kept.sent.length = 0;
	kept.drive.simulator.locks.create('100', LOCK_ID);
	await kept.run(
		async () => {
			kept.drive.simulator.locks.release(LOCK_ID);
			await kept.clock.pass(10 * MINUTE);
		},
		{ options: { releaseAtEnd: true } },
	);
	expect(kept.sent.filter((line) => line.startsWith('DELETE'))).toEqual([]);
});

test('the end waits 15 seconds at the most for a release', async () => {
	kept.faultFor = ({ method }) => (method === 'DELETE' ? faults.status(503) : undefined);
	const running = kept.run(async () => await Promise.resolve(), {
		options: { releaseAtEnd: true },
	});
	while (kept.sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
	const began = kept.clock.now();
	for (let second = 0; second < 15; second++) await kept.clock.pass(SECOND);
	await running;
	expect(kept.clock.now() - began).toBe(15 * SECOND);
	expect(kept.clock.asleep).toBe(0);
});

test('stops with the workflow that the user stops', async () => {
	let isRunning = false;
	let end = () => {};
	const execution = await kept.drive.engine.start(
		kept.workflow(async () => {
			isRunning = true;
			await new Promise<void>((resolve) => (end = resolve));
		}),
		kept.drive.credential,
	);
	while (!isRunning) await new Promise((resolve) => setTimeout(resolve, 1));
	expect(keeper.held).toEqual({ executions: 1, kept: 1 });
	execution.cancel();
	end();
	expect((await execution.finished).run.status).toBe('canceled');
	expect(kept.clock.asleep).toBe(0);
});

test('Stop After ends it, though the workflow goes on', async () => {
	await kept.run(async () => await kept.clock.pass(30 * MINUTE), { options: { stopAfter: 7 } });
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
});

test('an execution that slept and has ended is found out, and its lock is let go', async () => {
	// n8n tells a handler nothing of the end of an execution that slept: this one's end is told only by the records.
	const keepUp = { onFinish: () => undefined, id: 'slept' };
	let record: ExecutionRecord = 'none';
	const renewals: number[] = [];
	keeper.keep(
		{ ...keepUp, lookUp: async () => await Promise.resolve(record) },
		LOCK_ID,
		{
			renew: async () => {
				renewals.push(kept.clock.monotonic());
				return await Promise.resolve({
					ok: true as const,
					tries: 1,
					unclear: false,
					sentAt: kept.clock.monotonic(),
					answer: { body: { code: 0 }, date: undefined },
					answeredAt: () => 0,
				} as never);
			},
			renewEvery: 200 * SECOND,
			stopAfter: 24 * 60 * MINUTE,
			inWords: ({ reason }: { reason: string }) => reason,
			onLost: () => undefined,
		},
		kept.clock.monotonic(),
		kept.clock,
	);
	await kept.clock.pass(10 * MINUTE);
	record = 'asleep';
	await kept.clock.pass(30 * MINUTE);
	expect(renewals).toHaveLength(12);
	expect(keeper.held.kept).toBe(1);
	record = 'none';
	await kept.clock.pass(2 * MINUTE);
	expect(keeper.held).toEqual({ executions: 0, kept: 0 });
});

describe('of an execution that sleeps, or has slept', () => {
	const runData = { Trigger: [{} as ITaskData] };
	const stack = (...names: string[]) => ({
		nodeExecutionStack: names.map((name) => ({ node: { name } }) as IExecuteData),
	});
	const asleep = createRunExecutionData({
		waitTill: new Date(),
		resultData: { runData },
		executionData: stack('Wait'),
	});
	const underWay = createRunExecutionData({
		resultData: { runData },
		executionData: stack('Backup'),
	});
	const ended = createRunExecutionData({ resultData: { runData }, executionData: stack() });
	const stopped = createRunExecutionData({
		waitTill: new Date(),
		resultData: { runData, error: new WorkflowOperationError('stopped') },
		executionData: stack('Wait'),
	});

	/** Has n8n's records show this and that, a minute and a half each, and tells whether the lock was kept to the end. */
	async function isKeptThrough(...records: Array<IRunExecutionData | undefined>) {
		let isKept = false;
		await kept.run(async () => {
			for (const record of records) {
				if (record === undefined) kept.drive.engine.records.clear();
				else kept.drive.engine.records.set('execution-1', record);
				await kept.clock.pass(1.5 * MINUTE);
			}
			isKept = keeper.held.kept === 1;
		});
		return isKept;
	}

	test.each<[string, Array<IRunExecutionData | undefined>]>([
		['runs and has no records yet', [undefined]],
		['has not begun', [createRunExecutionData({})]],
		['sleeps', [undefined, asleep]],
		['runs on after it slept', [asleep, underWay]],
		['sleeps a second time', [asleep, underWay, asleep]],
	])('one that %s keeps its lock', async (_what, records) => {
		expect(await isKeptThrough(...records)).toBe(true);
	});

	test.each<[string, Array<IRunExecutionData | undefined>]>([
		['slept and has ended', [asleep, ended]],
		['slept too shortly to be seen, and has ended', [undefined, ended]],
		['slept, and has ended without a record', [asleep, undefined]],
		['was stopped while it slept', [asleep, stopped]],
	])('one that %s lets it go', async (_what, records) => {
		expect(await isKeptThrough(...records)).toBe(false);
	});
});
