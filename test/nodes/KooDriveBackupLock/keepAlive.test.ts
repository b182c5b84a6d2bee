import type { IExecuteFunctions } from 'n8n-workflow';

import { NODE_TYPE, RECORD_NODE_TYPE } from '../../engine';
import type { Fault } from '../../simulator';
import { faults } from '../../simulator';
import { continueOnFail, errorOf } from '../setup';
import { LOCK_ID, MINUTE, SECOND, useKeptLock } from './keptLock';

const kept = useKeptLock();

test('renews at once and hands on what Renew would', async () => {
	const { json } = await kept.run(async () => await Promise.resolve());
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(kept.sent).toEqual(['PATCH 0']);
});

test('refuses to begin in an n8n that does not tell when a workflow ends', async () => {
	const { description, execute } = kept.drive.engine.node;
	kept.drive.engine.addNode(NODE_TYPE, {
		description,
		async execute(this: IExecuteFunctions) {
			const older = Object.create(this, { onExecutionFinish: { value: undefined } });
			return await execute!.call(older as IExecuteFunctions);
		},
	});
	const { message } = errorOf(await kept.run(async () => await Promise.resolve()));
	expect(message).toContain('Update n8n to 2.36 or later');
	expect(kept.sent).toEqual([]);
});

test('keeps a lock alive for three hours while one step runs, and not a second longer', async () => {
	const { run: ended } = await kept.run(async () => await kept.clock.pass(180 * MINUTE));
	expect(ended.status).toBe('success');
	expect(kept.sent).toHaveLength(1 + (180 * MINUTE) / (200 * SECOND));
	expect(kept.drive.simulator.locks.isAlive(LOCK_ID)).toBe(true);
	await kept.clock.pass(60 * MINUTE);
	expect(kept.sent).toHaveLength(55);
	expect(kept.clock.asleep).toBe(0);
});

test('renews every so many seconds as it is told, up to a tenth earlier by chance', async () => {
	kept.clock.chance = () => 0.5;
	await kept.run(async () => await kept.clock.pass(60 * SECOND), { options: { renewEvery: 20 } });
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 19', 'PATCH 38', 'PATCH 57']);
});

test('outlasts a KooDrive that is away for five minutes', async () => {
	const { run: ended } = await kept.run(
		async () => {
			await kept.clock.pass(100 * SECOND);
			kept.faultFor = () => faults.status(503);
			await kept.clock.pass(5 * MINUTE);
			kept.faultFor = () => undefined;
			await kept.clock.pass(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
	expect(kept.drive.simulator.locks.expiredWhenNeeded).toBe(0);
});

test('a lock that is gone is lost: renewed no more, and a later step says when and why', async () => {
	const executed = await kept.run(
		async () => {
			await kept.clock.pass(250 * SECOND);
			kept.drive.simulator.locks.release(LOCK_ID);
			await kept.clock.pass(60 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
	const { message, description } = errorOf(executed);
	expect(message).toMatch(
		/^Lock "a@100" was not renewed: it was lost while it was kept alive, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, because KooDrive does not know this lock any more \(HTTP 400, code 13000309/,
	);
	expect(description).toContain('It has expired');
});

test('a lock that cannot be renewed for nine minutes is lost', async () => {
	const executed = await kept.run(
		async () => {
			await kept.clock.pass(10 * SECOND);
			kept.faultFor = () => faults.status(503);
			await kept.clock.pass(20 * MINUTE);
			kept.faultFor = () => undefined;
			await kept.clock.pass(20 * MINUTE);
		},
		{ then: ['release'] },
	);
	const seconds = kept.sent.map((line) => Number(line.split(' ')[1]));
	expect(Math.max(...seconds)).toBeGreaterThan(540);
	expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
	expect(errorOf(executed).message).toMatch(
		/^Lock "a@100" was not released: it was lost .* because KooDrive is not available at the moment/,
	);
});

test('a token that dies is told with its own hint', async () => {
	const executed = await kept.run(
		async () => {
			kept.drive.simulator.account.accessToken = 'another';
			await kept.clock.pass(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200']);
	expect(errorOf(executed).message).toContain('KooDrive refused the access token');
	expect(errorOf(executed).description).toContain('enter a fresh Access Token');
});

test.each<[string, Fault]>([
	['a sign-in page', faults.html()],
	['a gateway that knows no such path', faults.status(404)],
	['an answer of 2 MiB', faults.body('0'.repeat(2 * 1024 * 1024))],
])('%s, instead of KooDrive, for a while loses nothing', async (_what, fault) => {
	const { run: ended } = await kept.run(
		async () => {
			kept.faultFor = () => fault;
			await kept.clock.pass(5 * MINUTE);
			kept.faultFor = () => undefined;
			await kept.clock.pass(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
});

test('a Renew in a later step counts for it', async () => {
	await kept.run(async () => await kept.clock.pass(150 * SECOND), { then: ['renew', 'step'] });
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 150']);
	expect(kept.clock.now() - kept.began).toBe(300 * SECOND);
});

test('a Renew of another lock is no business of it', async () => {
	const workflow = kept.workflow(async () => await kept.clock.pass(MINUTE), { then: ['renew'] });
	const [other] = kept.drive.locks(1);
	workflow.nodes.find(({ name }) => name === 'renew')!.parameters.lockId = other!.lockId;
	const { run: ended } = await kept.drive.engine.run(workflow, kept.drive.credential);
	expect(ended.status).toBe('success');
});

test('the same lock twice, in one step or in a loop, is renewed once a beat', async () => {
	await kept.run(async () => await kept.clock.pass(5 * MINUTE), {
		items: [{ lockId: LOCK_ID }, { lockId: LOCK_ID }],
		then: ['keepAlive'],
	});
	expect(kept.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 300']);
});

test('one lock of many that is lost leaves the others alone', async () => {
	const items = [{ lockId: LOCK_ID }, ...kept.drive.locks(20)];
	await kept.run(
		async () => {
			kept.drive.simulator.locks.release(LOCK_ID);
			await kept.clock.pass(15 * MINUTE);
		},
		{ items },
	);
	expect(kept.drive.simulator.locks.alive).toHaveLength(20);
	expect(kept.drive.simulator.locks.expiredWhenNeeded).toBe(0);
});

test('a lock that could not be renewed is not kept', async () => {
	const { json } = await kept.run(async () => await kept.clock.pass(10 * MINUTE), {
		items: [{ lockId: 'unknown@100' }],
		settings: continueOnFail,
	});
	expect(json('Next')).toEqual([
		expect.objectContaining({ lockId: 'unknown@100', code: 13000309 }),
	]);
	expect(kept.sent).toEqual(['PATCH 0']);
});

test.each([
	['renewEvery', 9],
	['renewEvery', 541],
	['renewEvery', 30.5],
	['renewEvery', 'often'],
	['stopAfter', 0],
	['stopAfter', 10_081],
	['stopAfter', 'never'],
])('refuses %s %p before anything is kept.sent', async (name, value) => {
	const executed = await kept.run(async () => await Promise.resolve(), {
		options: { [name]: value },
	});
	expect(errorOf(executed).message).toMatch(
		/The option (Renew Every|Stop After) .* is not a whole number/,
	);
	expect(kept.sent).toEqual([]);
});

test('a record cannot be written under a lock that was lost', async () => {
	const { simulator } = kept.drive;
	const { recordId } = simulator.records.create('100', 'a');
	const workflow = kept.workflow(
		async () => {
			simulator.locks.release(LOCK_ID);
			await kept.clock.pass(10 * MINUTE);
		},
		{ then: ['complete'] },
	);
	const complete = workflow.nodes.find(({ name }) => name === 'complete')!;
	complete.type = RECORD_NODE_TYPE;
	complete.parameters.recordId = recordId;
	const { message } = errorOf(await kept.drive.engine.run(workflow, kept.drive.credential));
	expect(message).toMatch(
		/^Record "\d+" was not completed: its lock was lost while it was kept alive/,
	);
	expect(simulator.requests.filter(({ target }) => target.includes('/record'))).toEqual([]);
});
