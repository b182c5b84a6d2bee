import type { IExecuteData, IRunExecutionData, ITaskData } from 'n8n-workflow';
import { createRunExecutionData, WorkflowOperationError } from 'n8n-workflow';

import { leaseRegistry } from '#dist/nodes/shared/leases/leaseRegistry';
import { testKeepAlive as test } from '../compatibility/versions';
import { workflowOf } from '../engine';
import { faults } from '../simulator';
import { continueOnFail, errorOf, LOCK_ID, MINUTE, SECOND, useLease } from '../setup';
import { until } from '../until';

const lease = useLease();
const { drive } = lease;

/** The line in the log that names a lock whose release at the end failed. */
const NOT_RELEASED = /^warn Lock "a@100" of execution execution-1.*10 minutes/;

test('stops renewing a lock before Release sends its request', async () => {
	await lease.run(async () => await drive.clock.advance(300 * SECOND), {
		then: ['release', 'backup'],
	});
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 300']);
	expect(drive.clock.now() - lease.began).toBe(600 * SECOND);
});

test('delays Release until a renewal in flight ends', async () => {
	const ANSWERED_AFTER = 100;
	const arrived: number[] = [];
	lease.faultFor = ({ method }) => {
		arrived.push(performance.now());
		return method === 'PATCH' && lease.sent.length > 1 ? faults.delay(ANSWERED_AFTER) : undefined;
	};
	await lease.run(
		async () => {
			void drive.clock.advance(200 * SECOND);
			await until('a renewal is in flight', () => lease.sent.length === 2);
		},
		{ then: ['release'] },
	);
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 200']);
	expect(arrived[2]! - arrived[1]!).toBeGreaterThanOrEqual(ANSWERED_AFTER - 1);
	expect(drive.simulator.locks.alive).toEqual([]);
});

test('does not delay Release by a renewal that waits for its next attempt', async () => {
	lease.faultFor = ({ method }) =>
		method === 'PATCH' && lease.sent.length > 1 ? faults.status(503) : undefined;
	await lease.run(async () => await drive.clock.advance(205 * SECOND), {
		then: ['release', 'backup'],
	});
	const renewals = ['PATCH 0', 'PATCH 200', 'PATCH 200', 'PATCH 201', 'PATCH 203'];
	expect(lease.sent).toEqual([...renewals, 'DELETE 205']);
});

test('does not delay Release by a renewal that is queued behind that of another lock', async () => {
	const [other] = drive.locks(1);
	// The response takes a while; meanwhile the renewal of the other lock occupies the only place.
	lease.faultFor = ({ headers }) =>
		headers['x-backup-lock-id'] === other!.lockId && lease.sent.length > 2
			? faults.delay(1_000)
			: undefined;
	let renewing: Promise<void> | undefined;
	const backup = async () => {
		if (renewing === undefined) {
			renewing = drive.clock.advance(200 * SECOND);
			await until('the renewal of the other lock is in flight', () => lease.sent.length === 3);
		} else {
			expect(lease.sent.at(-1)).toBe('DELETE 200');
			expect(drive.simulator.openConnections).toBe(1);
			await renewing;
		}
	};
	const workflow = lease.workflow(backup, {
		items: [other!, { lockId: LOCK_ID }],
		options: { maxConcurrency: 1 },
		then: ['release', 'backup'],
	});
	workflow.nodes.find(({ name }) => name === 'release')!.parameters.lockId = LOCK_ID;
	await drive.engine.run(workflow, drive.credential);
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 0', 'PATCH 200', 'DELETE 200']);
});

test('ends the lease without alarm if another execution of this n8n releases the lock', async () => {
	await lease.run(async () => {
		await drive.clock.advance(MINUTE);
		await drive.engine.run(
			workflowOf([{ lockId: LOCK_ID }], { operation: 'release' }),
			drive.credential,
		);
		await drive.clock.advance(10 * MINUTE);
	});
	expect(lease.sent).toEqual(['PATCH 0', 'DELETE 60']);
	expect(drive.engine.log).toEqual([]);
});

test('releases the lock when the workflow ends, with Release at End', async () => {
	const { run: ended } = await lease.run(async () => await drive.clock.advance(MINUTE), {
		options: { releaseAtEnd: true },
	});
	expect(ended.status).toBe('success');
	expect(lease.sent).toEqual(['PATCH 0', 'DELETE 60']);
});

test('releases the lock when the workflow fails, with Release at End', async () => {
	const { run: ended } = await lease.run(
		async () => await Promise.reject(new Error('the backup failed')),
		{ options: { releaseAtEnd: true } },
	);
	expect(ended.status).toBe('error');
	expect(lease.sent).toEqual(['PATCH 0', 'DELETE 0']);
});

test('releases neither a released nor a lost lock at the end of the workflow', async () => {
	await lease.run(async () => await Promise.resolve(), {
		options: { releaseAtEnd: true },
		then: ['release'],
	});
	expect(lease.sent).toEqual(['PATCH 0', 'DELETE 0']);
	lease.sent.length = 0;
	drive.simulator.locks.create('100', LOCK_ID);
	await lease.run(
		async () => {
			drive.simulator.locks.release(LOCK_ID);
			await drive.clock.advance(10 * MINUTE);
		},
		{ options: { releaseAtEnd: true } },
	);
	expect(lease.sent.filter((line) => line.startsWith('DELETE'))).toEqual([]);
});

test('delays the end of the workflow by at most 15 seconds for the release', async () => {
	lease.faultFor = ({ method }) => (method === 'DELETE' ? faults.status(503) : undefined);
	const running = lease.run(async () => await Promise.resolve(), {
		options: { releaseAtEnd: true },
	});
	await until('a release is in flight', () => lease.sent.length === 2);
	const began = drive.clock.now();
	for (let second = 0; second < 15; second++) await drive.clock.advance(SECOND);
	await running;
	expect(drive.clock.now() - began).toBe(15 * SECOND);
	expect(drive.clock.sleeping).toBe(0);
	expect(drive.engine.log).toEqual([
		expect.stringMatching(/^warn Lock "a@100" of execution .* couldn't be released in time\. /),
	]);
	expect(drive.engine.log).toEqual([expect.stringMatching(NOT_RELEASED)]);
});

test.each([
	['HTTP 403', faults.status(403), [expect.stringMatching(NOT_RELEASED)]],
	['a lock that no longer exists', faults.code(13000309, 'gone', 400), []],
])('logs a release at the end that fails with %s', async (_what, fault, logged) => {
	lease.faultFor = ({ method }) => (method === 'DELETE' ? fault : undefined);
	const { run: ended } = await lease.run(async () => await Promise.resolve(), {
		options: { releaseAtEnd: true },
	});
	expect(ended.status).toBe('success');
	expect(lease.sent).toEqual(['PATCH 0', 'DELETE 0']);
	expect(drive.engine.log).toEqual(logged);
});

test('stops renewing when the user stops the workflow', async () => {
	let isRunning = false;
	let end = () => {};
	const execution = await drive.engine.start(
		lease.workflow(async () => {
			isRunning = true;
			await new Promise<void>((resolve) => (end = resolve));
		}),
		drive.credential,
	);
	await until('the backup runs', () => isRunning);
	expect(leaseRegistry.size).toEqual({ executions: 1, leases: 1 });
	execution.cancel();
	end();
	expect((await execution.finished).run.status).toBe('canceled');
	expect(drive.clock.sleeping).toBe(0);
});

describe('after the time of Stop After', () => {
	const SEVEN_MINUTES = { stopAfter: 7 };

	test('stops renewing, and says in the log when the lock expires', async () => {
		await lease.run(async () => await drive.clock.advance(30 * MINUTE), { options: SEVEN_MINUTES });
		expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
		const expiry = new Date(lease.began + 1_000 * SECOND).toISOString();
		const [line, ...others] = drive.engine.log;
		expect(line).toMatch(/^warn Lock "a@100" of execution .*Stop After/);
		expect(line).toContain(expiry.slice(0, 19).replace('T', ' '));
		expect(others).toEqual([]);
	});

	test('lets later nodes use the lock until it has expired', async () => {
		const { run: ended } = await lease.run(async () => await drive.clock.advance(16 * MINUTE), {
			options: SEVEN_MINUTES,
			then: ['renew'],
		});
		expect(ended.status).toBe('success');
	});

	test.each(['renew', 'release', 'keepAlive'])(
		'lets a later %s report that it has expired',
		async (operation) => {
			const executed = await lease.run(async () => await drive.clock.advance(17 * MINUTE), {
				options: SEVEN_MINUTES,
				then: [operation],
			});
			expect(errorOf(executed).message).toMatch(/it was lost .*Stop After/);
			expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
		},
	);

	test.each([8, 15])(
		'releases the lock at the end, after %d minutes, with Release at End',
		async (minutes) => {
			await lease.run(async () => await drive.clock.advance(minutes * MINUTE), {
				options: { ...SEVEN_MINUTES, releaseAtEnd: true },
			});
			expect(lease.sent.at(-1)).toBe(`DELETE ${minutes * 60}`);
			expect(drive.simulator.locks.alive).toEqual([]);
		},
	);
});

test('keeps renewing after a Release of another lock', async () => {
	const workflow = lease.workflow(async () => await drive.clock.advance(300 * SECOND), {
		then: ['release', 'backup'],
	});
	const [other] = drive.locks(1);
	workflow.nodes.find(({ name }) => name === 'release')!.parameters.lockId = other!.lockId;
	const { run: ended } = await drive.engine.run(workflow, drive.credential);
	expect(ended.status).toBe('success');
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 300', 'PATCH 400', 'PATCH 600']);
});

test('reports a lost lock in every later node, including Release', async () => {
	const workflow = lease.workflow(
		async () => {
			drive.simulator.locks.release(LOCK_ID);
			await drive.clock.advance(5 * MINUTE);
		},
		{ then: ['release', 'renew'] },
	);
	for (const node of workflow.nodes)
		if (node.name === 'release') Object.assign(node, continueOnFail);
	const executed = await drive.engine.run(workflow, drive.credential);
	expect(executed.json('release')[0]!.error).toContain('it was lost at');
	expect(errorOf(executed).message).toContain('it was lost at');
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200']);
});

describe('an execution that waits or has waited', () => {
	const runData = { Trigger: [{} as ITaskData] };
	const stack = (...names: string[]) => ({
		nodeExecutionStack: names.map((name) => ({ node: { name } }) as IExecuteData),
	});
	const waiting = createRunExecutionData({
		waitTill: new Date(),
		resultData: { runData },
		executionData: stack('Wait'),
	});
	const running = createRunExecutionData({
		resultData: { runData },
		executionData: stack('Backup'),
	});
	const ended = createRunExecutionData({ resultData: { runData }, executionData: stack() });
	const stopped = createRunExecutionData({
		waitTill: new Date(),
		resultData: { runData, error: new WorkflowOperationError('canceled') },
		executionData: stack('Wait'),
	});

	/** Shows these records for a minute and a half each, and returns whether the lease exists at the end. */
	async function isKeptThrough(...records: Array<IRunExecutionData | undefined>) {
		let isKept = false;
		await lease.run(async () => {
			for (const record of records) {
				if (record === undefined) drive.engine.records.clear();
				else drive.engine.records.set('execution-1', record);
				await drive.clock.advance(1.5 * MINUTE);
			}
			isKept = leaseRegistry.size.leases === 1;
		});
		return isKept;
	}

	test.each<[string, Array<IRunExecutionData | undefined>]>([
		['runs and has no record yet', [undefined]],
		['has not begun', [createRunExecutionData({})]],
		['waits', [undefined, waiting]],
		['continues after it waited', [waiting, running]],
		['waits a second time', [waiting, running, waiting]],
		['never waited, and whose record was deleted', [running, undefined]],
	])('keeps its lease when it %s', async (_what, records) => {
		expect(await isKeptThrough(...records)).toBe(true);
	});

	test.each<[string, Array<IRunExecutionData | undefined>]>([
		['waited and has ended', [waiting, ended]],
		['waited too briefly to be noticed, and has ended', [undefined, ended]],
		['waited, and has ended without a record', [waiting, undefined]],
		['was stopped while it waited', [waiting, stopped]],
	])('loses its lease when it %s', async (_what, records) => {
		expect(await isKeptThrough(...records)).toBe(false);
	});

	test.each<[string, IRunExecutionData, number]>([
		['runs, perhaps in another process', running, 1],
		['has ended', ended, 0],
	])("raises no alarm when its lock doesn't exist and it %s", async (_what, record, leases) => {
		await lease.run(async () => {
			const { records, log } = drive.engine;
			records.set('execution-1', waiting);
			await drive.clock.advance(190 * SECOND);
			records.set('execution-1', record);
			drive.simulator.locks.release(LOCK_ID);
			await drive.clock.advance(10 * SECOND);
			expect(leaseRegistry.size.leases).toBe(leases);
			expect(log).toEqual([expect.stringMatching(/^info Lock .* released or has expired/)]);
			await drive.clock.advance(10 * MINUTE);
			expect(log).toHaveLength(1);
		});
		expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200']);
	});

	test("raises an alarm when its lock doesn't exist and it never waited", async () => {
		await lease.run(async () => {
			drive.engine.records.set('execution-1', running);
			drive.simulator.locks.release(LOCK_ID);
			await drive.clock.advance(200 * SECOND);
			expect(drive.engine.log).toEqual([expect.stringMatching(/^warn Lock .* lost/)]);
		});
	});
});
