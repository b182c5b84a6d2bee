import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';

import { keeper } from '../../../dist/nodes/shared/keeper/keeper';
import type { Executed, WorkflowJson } from '../../engine';
import { NODE_TYPE, RECORD_NODE_TYPE, workflowOf } from '../../engine';
import { HeldClock } from '../../engine/heldClock';
import { standIns } from '../../engine/standIns';
import { faults } from '../../simulator';
import { SimulatedClock } from '../../simulator/clock';
import { continueOnFail, errorOf, useKooDrive } from '../setup';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LOCK_ID = 'a@100';

// The service's clock stands still too, unless a test lets time pass.
const drive = useKooDrive({ realTime: true, clock: () => new SimulatedClock(0) });

let clock: HeldClock;
/** What was sent, and at which second. */
let sent: string[];
/** What goes wrong with a request; nothing unless a test says so. */
let faultFor: typeof drive.simulator.faultFor;

beforeEach(async () => {
	clock = new HeldClock(drive.simulator.clock);
	await drive.engine.useClock(clock);
	drive.simulator.locks.create('100', LOCK_ID);
	const began = drive.simulator.clock.now();
	sent = [];
	faultFor = () => undefined;
	drive.simulator.faultFor = (request) => {
		sent.push(`${request.method} ${Math.round((drive.simulator.clock.now() - began) / SECOND)}`);
		return faultFor(request);
	};
});
afterEach(() => expect(keeper.held).toEqual({ executions: 0, kept: 0 }));

/** Keep Alive, then a step that does what a test says, then the steps that follow. */
function backupWorkflow(
	step: () => Promise<void>,
	{
		options = {},
		then = [],
		items = [{ lockId: LOCK_ID }],
		settings = {},
	}: {
		options?: IDataObject;
		then?: string[];
		items?: IDataObject[];
		settings?: Partial<INode>;
	} = {},
): WorkflowJson {
	const noOp = standIns['n8n-nodes-base.noOp']!;
	drive.engine.addNode('test.backup', {
		description: noOp.description,
		async execute(this: IExecuteFunctions) {
			await step();
			return [this.getInputData()];
		},
	});
	const workflow = workflowOf(items, { operation: 'keepAlive', options }, settings);
	const node = (name: string, type: string, parameters = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters,
	});
	const lockId = "={{ $('Items').item.json.lockId }}";
	workflow.nodes.push(
		node('Backup', 'test.backup'),
		...then.map((operation) => node(operation, NODE_TYPE, { operation, lockId })),
	);
	['Next', 'Backup', ...then].reduce((from, to) => {
		workflow.connections[from] = { main: [[{ node: to, type: 'main', index: 0 }]] };
		return to;
	});
	return workflow;
}

async function run(...given: Parameters<typeof backupWorkflow>): Promise<Executed> {
	return await drive.engine.run(backupWorkflow(...given), drive.credential);
}

test('renews at once and hands on what Renew would', async () => {
	const { json } = await run(async () => await Promise.resolve());
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(sent).toEqual(['PATCH 0']);
});

test('keeps a lock alive for three hours while one step runs, and not a second longer', async () => {
	const { run: ended } = await run(async () => await clock.pass(180 * MINUTE));
	expect(ended.status).toBe('success');
	expect(sent).toHaveLength(1 + (180 * MINUTE) / (200 * SECOND));
	expect(drive.simulator.locks.isAlive(LOCK_ID)).toBe(true);
	await clock.pass(60 * MINUTE);
	expect(sent).toHaveLength(55);
	expect(clock.asleep).toBe(0);
});

test('renews every so many seconds as it is told, up to a tenth earlier by chance', async () => {
	clock.chance = () => 0.5;
	await run(async () => await clock.pass(60 * SECOND), { options: { renewEvery: 20 } });
	expect(sent).toEqual(['PATCH 0', 'PATCH 19', 'PATCH 38', 'PATCH 57']);
});

test('outlasts a KooDrive that is away for five minutes', async () => {
	const { run: ended } = await run(
		async () => {
			await clock.pass(100 * SECOND);
			faultFor = () => faults.status(503);
			await clock.pass(5 * MINUTE);
			faultFor = () => undefined;
			await clock.pass(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
	expect(drive.simulator.locks.expiredWhenNeeded).toBe(0);
});

test('a lock that is gone is lost: renewed no more, and a later step says when and why', async () => {
	const executed = await run(
		async () => {
			await clock.pass(250 * SECOND);
			drive.simulator.locks.release(LOCK_ID);
			await clock.pass(60 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
	const { message, description } = errorOf(executed);
	expect(message).toMatch(
		/^Lock "a@100" was not renewed: it was lost while it was kept alive, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, because KooDrive does not know this lock any more \(HTTP 400, code 13000309/,
	);
	expect(description).toContain('It has expired');
});

test('a lock that cannot be renewed for nine minutes is lost', async () => {
	const executed = await run(
		async () => {
			await clock.pass(10 * SECOND);
			faultFor = () => faults.status(503);
			await clock.pass(20 * MINUTE);
			faultFor = () => undefined;
			await clock.pass(20 * MINUTE);
		},
		{ then: ['release'] },
	);
	const seconds = sent.map((line) => Number(line.split(' ')[1]));
	expect(Math.max(...seconds)).toBeGreaterThan(540);
	expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
	expect(errorOf(executed).message).toMatch(
		/^Lock "a@100" was not released: it was lost .* because KooDrive is not available at the moment/,
	);
});

test('a token that dies is told with its own hint', async () => {
	const executed = await run(
		async () => {
			drive.simulator.account.accessToken = 'another';
			await clock.pass(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(sent).toEqual(['PATCH 0', 'PATCH 200']);
	expect(errorOf(executed).message).toContain('KooDrive refused the access token');
	expect(errorOf(executed).description).toContain('enter a fresh Access Token');
});

test('a sign-in page that answers for a while loses nothing', async () => {
	const { run: ended } = await run(
		async () => {
			faultFor = () => faults.html();
			await clock.pass(5 * MINUTE);
			faultFor = () => undefined;
			await clock.pass(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
});

test('Release ends it first: no renewal comes after', async () => {
	await run(async () => await clock.pass(300 * SECOND), { then: ['release', 'renew'] });
	expect(sent.slice(0, 3)).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 300']);
	expect(keeper.held.kept).toBe(0);
});

test('Release waits for a renewal in flight', async () => {
	faultFor = ({ method }) =>
		method === 'PATCH' && sent.length > 1 ? faults.delay(100) : undefined;
	const arrived: string[] = [];
	await run(
		async () => {
			void clock.pass(200 * SECOND);
			while (sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
			arrived.push(...sent);
		},
		{ then: ['release'] },
	);
	expect(arrived).toEqual(['PATCH 0', 'PATCH 200']);
	expect(sent).toEqual(['PATCH 0', 'PATCH 200', 'DELETE 200']);
	expect(drive.simulator.locks.alive).toEqual([]);
});

test('a Renew in a later step counts for it', async () => {
	let renewed = false;
	await run(
		async () => {
			await clock.pass(150 * SECOND);
			if (renewed) await clock.pass(100 * SECOND);
			renewed = true;
		},
		{ then: ['renew'] },
	);
	expect(sent).toEqual(['PATCH 0', 'PATCH 150']);
});

test('Release at End gives the lock back when the workflow ends', async () => {
	const { run: ended } = await run(async () => await clock.pass(MINUTE), {
		options: { releaseAtEnd: true },
	});
	expect(ended.status).toBe('success');
	expect(sent).toEqual(['PATCH 0', 'DELETE 60']);
});

test('Release at End gives it back when the workflow fails too', async () => {
	const { run: ended } = await run(
		async () => await Promise.reject(new Error('the backup failed')),
		{ options: { releaseAtEnd: true } },
	);
	expect(ended.status).toBe('error');
	expect(sent).toEqual(['PATCH 0', 'DELETE 0']);
});

test('Release at End releases nothing that a step has released, and nothing that is lost', async () => {
	await run(async () => await Promise.resolve(), {
		options: { releaseAtEnd: true },
		then: ['release'],
	});
	expect(sent).toEqual(['PATCH 0', 'DELETE 0']);
	sent.length = 0;
	drive.simulator.locks.create('100', LOCK_ID);
	await run(
		async () => {
			drive.simulator.locks.release(LOCK_ID);
			await clock.pass(10 * MINUTE);
		},
		{ options: { releaseAtEnd: true } },
	);
	expect(sent.filter((line) => line.startsWith('DELETE'))).toEqual([]);
});

test('the end waits 15 seconds at the most for a release', async () => {
	faultFor = ({ method }) => (method === 'DELETE' ? faults.status(503) : undefined);
	const running = run(async () => await Promise.resolve(), { options: { releaseAtEnd: true } });
	while (sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
	const began = clock.now();
	for (let second = 0; second < 15; second++) await clock.pass(SECOND);
	await running;
	expect(clock.now() - began).toBe(15 * SECOND);
	expect(clock.asleep).toBe(0);
});

test('stops with the workflow that the user stops', async () => {
	let isRunning = false;
	let end = () => {};
	const execution = await drive.engine.start(
		backupWorkflow(async () => {
			isRunning = true;
			await new Promise<void>((resolve) => (end = resolve));
		}),
		drive.credential,
	);
	while (!isRunning) await new Promise((resolve) => setTimeout(resolve, 1));
	expect(keeper.held).toEqual({ executions: 1, kept: 1 });
	execution.cancel();
	end();
	expect((await execution.finished).run.status).toBe('canceled');
	expect(clock.asleep).toBe(0);
});

test('Stop After ends it, though the workflow goes on', async () => {
	await run(async () => await clock.pass(30 * MINUTE), { options: { stopAfter: 7 } });
	expect(sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
});

test('an execution that slept and has ended is found out, and its lock is let go', async () => {
	// n8n tells a handler nothing of the end of an execution that slept: this one's end is told only by the records.
	const keepUp = { onFinish: () => undefined, id: 'slept' };
	let record: 'none' | 'asleep' | 'notAsleep' = 'none';
	const renewals: number[] = [];
	keeper.keep(
		{ ...keepUp, lookUp: async () => await Promise.resolve(record) },
		LOCK_ID,
		{
			renew: async () => {
				renewals.push(clock.monotonic());
				return await Promise.resolve({
					ok: true as const,
					tries: 1,
					unclear: false,
					sentAt: clock.monotonic(),
					answer: { body: { code: 0 }, date: undefined },
					answeredAt: () => 0,
				} as never);
			},
			renewEvery: 200 * SECOND,
			stopAfter: 24 * 60 * MINUTE,
			inWords: ({ reason }: { reason: string }) => reason,
			onLost: () => undefined,
		},
		clock.monotonic(),
		clock,
	);
	await clock.pass(10 * MINUTE);
	record = 'asleep';
	await clock.pass(30 * MINUTE);
	expect(renewals).toHaveLength(12);
	expect(keeper.held.kept).toBe(1);
	record = 'notAsleep';
	await clock.pass(2 * MINUTE);
	expect(keeper.held).toEqual({ executions: 0, kept: 0 });
});

test('the same lock twice, in one step or in a loop, is renewed once a beat', async () => {
	await run(async () => await clock.pass(5 * MINUTE), {
		items: [{ lockId: LOCK_ID }, { lockId: LOCK_ID }],
		then: ['keepAlive'],
	});
	expect(sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 300']);
});

test('one lock of many that is lost leaves the others alone', async () => {
	const items = [{ lockId: LOCK_ID }, ...drive.locks(20)];
	await run(
		async () => {
			drive.simulator.locks.release(LOCK_ID);
			await clock.pass(15 * MINUTE);
		},
		{ items },
	);
	expect(drive.simulator.locks.alive).toHaveLength(20);
	expect(drive.simulator.locks.expiredWhenNeeded).toBe(0);
});

test('a lock that could not be renewed is not kept', async () => {
	const { json } = await run(async () => await clock.pass(10 * MINUTE), {
		items: [{ lockId: 'unknown@100' }],
		settings: continueOnFail,
	});
	expect(json('Next')).toEqual([
		expect.objectContaining({ lockId: 'unknown@100', code: 13000309 }),
	]);
	expect(sent).toEqual(['PATCH 0']);
});

test.each([
	['renewEvery', 9],
	['renewEvery', 541],
	['renewEvery', 30.5],
	['renewEvery', 'often'],
	['stopAfter', 0],
	['stopAfter', 10_081],
	['stopAfter', 'never'],
])('refuses %s %p before anything is sent', async (name, value) => {
	const executed = await run(async () => await Promise.resolve(), { options: { [name]: value } });
	expect(errorOf(executed).message).toMatch(
		/The option (Renew Every|Stop After) .* is not a whole number/,
	);
	expect(sent).toEqual([]);
});

test('a thousand executions with a kept lock each leave no memory behind', async () => {
	const once = async () => await run(async () => await clock.pass(SECOND));
	const heapAfter = async (executions: number) => {
		for (let count = 0; count < executions; count++) await once();
		drive.simulator.requests.length = sent.length = 0;
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	// What the engine and the compiler keep once for all grows to its size in the first thousand.
	const before = await heapAfter(1_000);
	const grown = ((await heapAfter(1_000)) - before) / 1_000;
	// One keeping that stays behind holds its whole execution, some ten kilobytes.
	expect(grown).toBeLessThan(3_000);
}, 60_000);

function collectGarbage(): void {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}

test('a record cannot be written under a lock that was lost', async () => {
	const { simulator } = drive;
	const { recordId } = simulator.records.create('100', 'a');
	const workflow = backupWorkflow(
		async () => {
			simulator.locks.release(LOCK_ID);
			await clock.pass(10 * MINUTE);
		},
		{ then: ['complete'] },
	);
	const complete = workflow.nodes.find(({ name }) => name === 'complete')!;
	complete.type = RECORD_NODE_TYPE;
	complete.parameters.recordId = recordId;
	const { message } = errorOf(await drive.engine.run(workflow, drive.credential));
	expect(message).toMatch(
		/^Record "\d+" was not completed: its lock was lost while it was kept alive/,
	);
	expect(simulator.requests.filter(({ target }) => target.includes('/record'))).toEqual([]);
});
