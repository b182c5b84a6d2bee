import type { IExecuteData, IRunExecutionData, ITaskData } from 'n8n-workflow';
import { createRunExecutionData, WorkflowOperationError } from 'n8n-workflow';

import { keeper } from '../../../dist/nodes/shared/keeper/keeper';
import type { ExecutionRecord } from '../../../dist/nodes/shared/keeper/execution';
import type { Failure } from '../../../dist/nodes/shared/failures/failure';
import type { CallSuccess, Tries } from '../../../dist/nodes/shared/retry/retry';
import { faults } from '../../simulator';
import { until } from '../../until';
import { continueOnFail, errorOf } from '../setup';
import { LOCK_ID, MINUTE, SECOND, useKeptLock } from './keptLock';

const kept = useKeptLock();

test('Release ends it first: no renewal comes after', async () => {
	await kept.run(async () => await kept.clock.pass(300 * SECOND), { then: ['release', 'step'] });
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 300']);
	expect(kept.clock.now() - kept.began).toBe(600 * SECOND);
});

test('Release waits for a renewal in flight', async () => {
	const ANSWERED_AFTER = 100;
	const arrived: number[] = [];
	kept.faultFor = ({ method }) => {
		arrived.push(performance.now());
		return method === 'PATCH' && kept.sent.length > 1 ? faults.delay(ANSWERED_AFTER) : undefined;
	};
	await kept.run(
		async () => {
			void kept.clock.pass(200 * SECOND);
			await until('a renewal is in flight', () => kept.sent.length === 2);
		},
		{ then: ['release'] },
	);
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 200']);
	expect(arrived[2]! - arrived[1]!).toBeGreaterThanOrEqual(ANSWERED_AFTER - 1);
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
	await until('a release is in flight', () => kept.sent.length === 2);
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
	await until('the backup runs', () => isRunning);
	expect(keeper.held).toEqual({ executions: 1, kept: 1 });
	execution.cancel();
	end();
	expect((await execution.finished).run.status).toBe('canceled');
	expect(kept.clock.asleep).toBe(0);
});

test('Stop After ends it, though the workflow goes on', async () => {
	let held;
	await kept.run(
		async () => {
			await kept.clock.pass(30 * MINUTE);
			held = keeper.held;
		},
		{ options: { stopAfter: 7 } },
	);
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
	expect(held).toEqual({ executions: 0, kept: 0 });
});

test('Release of another lock leaves it alone', async () => {
	const workflow = kept.workflow(async () => await kept.clock.pass(300 * SECOND), {
		then: ['release', 'step'],
	});
	const [other] = kept.drive.locks(1);
	workflow.nodes.find(({ name }) => name === 'release')!.parameters.lockId = other!.lockId;
	const { run: ended } = await kept.drive.engine.run(workflow, kept.drive.credential);
	expect(ended.status).toBe('success');
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 300', 'PATCH 400', 'PATCH 600']);
});

test('a lock that is lost is told by every later step, Release among them', async () => {
	const workflow = kept.workflow(
		async () => {
			kept.drive.simulator.locks.release(LOCK_ID);
			await kept.clock.pass(5 * MINUTE);
		},
		{ then: ['release', 'renew'] },
	);
	for (const node of workflow.nodes)
		if (node.name === 'release') Object.assign(node, continueOnFail);
	const executed = await kept.drive.engine.run(workflow, kept.drive.credential);
	expect(executed.json('release')[0]!.error).toContain('it was lost while it was kept alive');
	expect(errorOf(executed).message).toContain('it was lost while it was kept alive');
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200']);
});

describe('an execution of whose end n8n tells no handler, as after a sleep,', () => {
	let renewals = 0;
	const always = {
		renew: async () => {
			renewals++;
			return await Promise.resolve({ ok: true, sentAt: kept.clock.monotonic() } as CallSuccess &
				Tries);
		},
		renewEvery: 200 * SECOND,
		stopAfter: 24 * 60 * MINUTE,
		inWords: ({ reason }: Failure) => reason,
		onLost: () => undefined,
	};

	let handlers = 0;

	function keep(lookUp: () => Promise<ExecutionRecord>, id = LOCK_ID): void {
		const execution = { id: 'slept', onFinish: () => handlers++, lookUp };
		keeper.keep(execution, id, always, kept.clock.monotonic(), kept.clock);
	}

	beforeEach(() => {
		renewals = handlers = 0;
	});

	test('keeps a lock again that a step has just let go', async () => {
		let record: ExecutionRecord = 'underWay';
		const lookUp = async () => await Promise.resolve(record);
		keep(lookUp);
		await keeper.end('slept', LOCK_ID);
		keep(lookUp);
		await kept.clock.pass(200 * SECOND);
		expect(renewals).toBe(1);
		record = 'ended';
		await kept.clock.pass(MINUTE);
	});

	test('is asked to tell its end once, and once more after each sleep', async () => {
		let record: ExecutionRecord = 'none';
		const lookUp = async () => await Promise.resolve(record);
		const keepAll = () => ['a', 'b', 'c'].forEach((id) => keep(lookUp, id));
		keepAll();
		expect(handlers).toBe(1);
		record = 'asleep';
		await kept.clock.pass(MINUTE);
		record = 'underWay';
		await kept.clock.pass(MINUTE);
		keepAll();
		keepAll();
		expect(handlers).toBe(2);
		record = 'ended';
		await kept.clock.pass(MINUTE);
	});

	test('is found out by the records, and its lock is let go', async () => {
		let record: ExecutionRecord = 'none';
		keep(async () => await Promise.resolve(record));
		await kept.clock.pass(10 * MINUTE);
		record = 'asleep';
		await kept.clock.pass(30 * MINUTE);
		expect(renewals).toBe(12);
		expect(keeper.held.kept).toBe(1);
		record = 'none';
		await kept.clock.pass(2 * MINUTE);
		expect(keeper.held).toEqual({ executions: 0, kept: 0 });
	});

	test('is looked up once a minute, however often its lock is kept', async () => {
		let lookUps = 0;
		let record: ExecutionRecord = 'underWay';
		for (let step = 0; step < 3; step++) {
			keep(async () => {
				lookUps++;
				return await Promise.resolve(record);
			});
		}
		await kept.clock.pass(10 * MINUTE);
		expect(lookUps).toBe(10);
		record = 'ended';
		await kept.clock.pass(MINUTE);
	});

	test('keeps its lock while the records cannot be read', async () => {
		let record: ExecutionRecord | undefined;
		keep(async () => {
			if (record === undefined) throw new Error('the database is away');
			return await Promise.resolve(record);
		});
		await kept.clock.pass(30 * MINUTE);
		expect(renewals).toBe(9);
		// Nothing was seen of a sleep, so a record that is missing still says nothing of an end.
		record = 'none';
		await kept.clock.pass(2 * MINUTE);
		expect(keeper.held.kept).toBe(1);
		record = 'ended';
		await kept.clock.pass(MINUTE);
		expect(keeper.held).toEqual({ executions: 0, kept: 0 });
	});
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
		['never slept, and whose records are cleared away', [underWay, undefined]],
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
