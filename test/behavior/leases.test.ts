import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { testEveryVersion, testKeepAlive as test } from '../compatibility/versions';
import { BACKUP_NODE_TYPE } from '../engine';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { testSickLocks } from './outageCases';
import {
	continueOnFail,
	errorOf,
	HOUR,
	LOCK_ID,
	MINUTE,
	SECOND,
	useLease,
	withoutFinishHandler,
} from '../setup';

const lease = useLease();
const { drive } = lease;

test('renews immediately and returns what Renew returns, and the lock', async () => {
	const { json } = await lease.run(async () => await Promise.resolve());
	expect(json('Next')).toEqual([{ code: 0, msg: 'success', lockId: LOCK_ID }]);
	expect(lease.sent).toEqual(['PATCH 0']);
});

testEveryVersion(
	'fails in an n8n version that does not report the end of an execution',
	async () => {
		withoutFinishHandler(drive);
		const { message } = errorOf(await lease.run(async () => await Promise.resolve()));
		expect(message).toContain('requires n8n 2.33 or later');
		expect(lease.sent).toEqual([]);
	},
);

test('renews a lock for three hours while one node runs, and stops when it ends', async () => {
	const { run: ended } = await lease.run(async () => await drive.clock.advance(180 * MINUTE));
	expect(ended.status).toBe('success');
	expect(lease.sent).toHaveLength(1 + (180 * MINUTE) / (200 * SECOND));
	expect(drive.simulator.locks.isAlive(LOCK_ID)).toBe(true);
	await drive.clock.advance(60 * MINUTE);
	expect(lease.sent).toHaveLength(55);
	expect(drive.clock.sleeping).toBe(0);
});

test('renews at the interval of Renew Every, up to a tenth earlier at random', async () => {
	drive.clock.random = () => 0.5;
	await lease.run(async () => await drive.clock.advance(60 * SECOND), {
		options: { renewEvery: 20 },
	});
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 19', 'PATCH 38', 'PATCH 57']);
});

test('rides out an outage of five minutes', async () => {
	const { run: ended } = await lease.run(
		async () => {
			await drive.clock.advance(100 * SECOND);
			lease.faultFor = () => faults.status(503);
			await drive.clock.advance(5 * MINUTE);
			lease.faultFor = () => undefined;
			await drive.clock.advance(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
	expect(drive.simulator.locks.expiredWhenNeeded).toBe(0);
});

test('reports a lock that no longer exists as lost in a later node, and renews it no more', async () => {
	const executed = await lease.run(
		async () => {
			await drive.clock.advance(250 * SECOND);
			drive.simulator.locks.release(LOCK_ID);
			await drive.clock.advance(60 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 400']);
	const { message, description } = errorOf(executed);
	expect(message).toMatch(
		/^Lock "a@100" was not renewed: it was lost at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, because the lock doesn't exist or has expired \(HTTP 400, code 13000309/,
	);
	expect(description).toContain('expires 10 minutes');
});

test('reports a lock that was not renewed for nine minutes as lost', async () => {
	const executed = await lease.run(
		async () => {
			await drive.clock.advance(10 * SECOND);
			lease.faultFor = () => faults.status(503);
			await drive.clock.advance(20 * MINUTE);
			lease.faultFor = () => undefined;
			await drive.clock.advance(20 * MINUTE);
		},
		{ then: ['release'] },
	);
	const seconds = lease.sent.map((line) => Number(line.split(' ')[1]));
	expect(Math.max(...seconds)).toBeGreaterThan(540);
	expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
	expect(errorOf(executed).message).toMatch(
		/^Lock "a@100" was not released: it was lost .* because KooDrive is temporarily unavailable/,
	);
});

test('tells how to replace an expired token', async () => {
	const executed = await lease.run(
		async () => {
			drive.simulator.account.accessToken = 'another';
			await drive.clock.advance(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200']);
	expect(errorOf(executed).message).toContain('KooDrive rejected the access token');
	expect(errorOf(executed).description).toContain('enter a new token');
});

test.each<[string, Fault]>([
	['a sign-in page', faults.html()],
	['HTTP 404 from a gateway', faults.status(404)],
	['HTTP 407 from a proxy', faults.status(407)],
	['a redirect', faults.redirect('https://login.example')],
	['a response of 2 MiB', faults.body('0'.repeat(2 * 1024 * 1024))],
])('keeps a lease while %s comes instead of a response from KooDrive', async (_what, fault) => {
	const { run: ended } = await lease.run(
		async () => {
			lease.faultFor = () => fault;
			await drive.clock.advance(5 * MINUTE);
			lease.faultFor = () => undefined;
			await drive.clock.advance(10 * MINUTE);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
});

test('counts a Renew in a later node as a renewal', async () => {
	await lease.run(async () => await drive.clock.advance(150 * SECOND), {
		then: ['renew', 'backup'],
	});
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 150']);
	expect(drive.clock.now() - lease.began).toBe(300 * SECOND);
});

test('ignores a Renew of another lock', async () => {
	const workflow = lease.workflow(async () => await drive.clock.advance(MINUTE), {
		then: ['renew'],
	});
	const [other] = drive.locks(1);
	workflow.nodes.find(({ name }) => name === 'renew')!.parameters.lockId = other!.lockId;
	const { run: ended } = await drive.engine.run(workflow, drive.credential);
	expect(ended.status).toBe('success');
});

test('renews a lock once per interval although it is listed twice or kept alive in a loop', async () => {
	await lease.run(async () => await drive.clock.advance(5 * MINUTE), {
		items: [{ lockId: LOCK_ID }, { lockId: LOCK_ID }],
		then: ['keepAlive'],
	});
	expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 300']);
});

describe('a second Keep Alive of the same lock', () => {
	/** Runs Keep Alive, the backup, Keep Alive with other options, and the backup again. */
	async function keepAliveTwice(
		backup: () => Promise<void>,
		options: IDataObject,
		secondOptions: IDataObject,
	): Promise<void> {
		const workflow = lease.workflow(backup, { options, then: ['keepAlive', 'backup'] });
		const second = workflow.nodes.find(({ name }) => name === 'keepAlive')!;
		second.parameters.options = secondOptions as INodeParameters;
		const { run: ended } = await drive.engine.run(workflow, drive.credential);
		expect(ended.status).toBe('success');
	}

	test('takes over a token that was rotated', async () => {
		let isRotated = false;
		await keepAliveTwice(
			async () => {
				await drive.clock.advance(100 * SECOND);
				if (!isRotated) {
					drive.simulator.account.accessToken = 'a-rotated-token';
					const credential = { ...drive.credential, accessToken: 'a-rotated-token' };
					await drive.engine.credentials.store('under test', 'kooDriveApi', credential);
					isRotated = true;
					return;
				}
				await drive.clock.advance(30 * MINUTE);
			},
			{},
			{},
		);
		expect(lease.sent.slice(0, 4)).toEqual(['PATCH 0', 'PATCH 100', 'PATCH 300', 'PATCH 500']);
		expect(drive.simulator.locks.isAlive(LOCK_ID)).toBe(true);
		expect(drive.engine.log).toEqual([]);
	});

	const minute = async () => await drive.clock.advance(MINUTE);

	test.each<[boolean, boolean, string[]]>([
		[false, true, ['PATCH 0', 'PATCH 60', 'DELETE 120']],
		[true, false, ['PATCH 0', 'PATCH 60']],
	])('replaces Release at End %j by %j', async (first, second, expected) => {
		await keepAliveTwice(minute, { releaseAtEnd: first }, { releaseAtEnd: second });
		expect(lease.sent).toEqual(expected);
	});

	test('replaces Renew Every', async () => {
		await keepAliveTwice(minute, { renewEvery: 40 }, { renewEvery: 25 });
		expect(lease.sent).toEqual(['PATCH 0', 'PATCH 40', 'PATCH 60', 'PATCH 85', 'PATCH 110']);
	});

	test('replaces Stop After, counted from itself', async () => {
		const twoMinutes = async () => await drive.clock.advance(2 * MINUTE);
		await keepAliveTwice(
			twoMinutes,
			{ renewEvery: 50, stopAfter: 1 },
			{ renewEvery: 50, stopAfter: 1 },
		);
		expect(lease.sent).toEqual(['PATCH 0', 'PATCH 50', 'PATCH 120', 'PATCH 170']);
	});
});

testSickLocks(lease, 18, 1);

test.each([
	['120', 320],
	// The lock would expire before, so it's tried once more in its ninth minute.
	['900', 540],
])('sends no renewal within Retry-After: %s', async (seconds, expected) => {
	const { run: ended } = await lease.run(
		async () => {
			lease.faultFor = () => faults.status(429, { 'Retry-After': seconds });
			await drive.clock.advance(201 * SECOND);
			lease.faultFor = () => undefined;
			await drive.clock.advance((expected - 200) * SECOND);
		},
		{ then: ['renew'] },
	);
	expect(ended.status).toBe('success');
	expect(lease.sent).toEqual([
		'PATCH 0',
		'PATCH 200',
		`PATCH ${expected}`,
		`PATCH ${expected + 1}`,
	]);
});

describe('a machine that was suspended', () => {
	/** Time passes for all clocks but the monotonic one. */
	const suspend = (milliseconds: number) =>
		drive.simulator.clock.set(drive.simulator.clock.now() + milliseconds);

	test('renews within 10 seconds after it wakes', async () => {
		await lease.run(async () => {
			await drive.clock.advance(15 * SECOND);
			suspend(5 * MINUTE);
			await drive.clock.advance(100 * SECOND);
		});
		expect(lease.sent).toEqual(['PATCH 0', 'PATCH 320']);
	});

	test('learns within 10 seconds that a lock has expired', async () => {
		await lease.run(async () => {
			await drive.clock.advance(15 * SECOND);
			suspend(HOUR);
			await drive.clock.advance(10 * SECOND);
			expect(drive.engine.log).toEqual([expect.stringMatching(/^warn Lock "a@100" .*lost/)]);
		});
		expect(lease.sent).toEqual(['PATCH 0', `PATCH ${3_600 + 20}`]);
	});

	test.each([5 * SECOND, -HOUR])(
		'renews at the usual time if its clock is set by %d ms',
		async (milliseconds) => {
			await lease.run(async () => {
				await drive.clock.advance(15 * SECOND);
				drive.clock.ahead = milliseconds;
				await drive.clock.advance(300 * SECOND);
			});
			// The first has a wrong signing time and is corrected.
			expect(lease.sent).toEqual(['PATCH 0', 'PATCH 200', 'PATCH 200']);
		},
	);
});

test('renews the other locks after one is lost', async () => {
	const items = [{ lockId: LOCK_ID }, ...drive.locks(20)];
	await lease.run(
		async () => {
			drive.simulator.locks.release(LOCK_ID);
			await drive.clock.advance(15 * MINUTE);
		},
		{ items },
	);
	expect(drive.simulator.locks.alive).toHaveLength(20);
	expect(drive.simulator.locks.expiredWhenNeeded).toBe(0);
});

test('creates no lease for a lock that could not be renewed', async () => {
	const { json } = await lease.run(async () => await drive.clock.advance(10 * MINUTE), {
		items: [{ lockId: 'unknown@100' }],
		settings: continueOnFail,
	});
	expect(json('Next')).toMatchObject([{ details: { lockId: 'unknown@100', code: 13000309 } }]);
	expect(lease.sent).toEqual(['PATCH 0']);
});

testEveryVersion.each([
	['renewEvery', 9],
	['renewEvery', 541],
	['renewEvery', 30.5],
	['renewEvery', 'often'],
	['stopAfter', 0],
	['stopAfter', 10_081],
	['stopAfter', 'never'],
])('rejects %s %p before sending anything', async (name, value) => {
	const executed = await lease.run(async () => await Promise.resolve(), {
		options: { [name]: value },
	});
	expect(errorOf(executed).message).toMatch(/'(Renew Every|Stop After) .*' must be a whole number/);
	expect(lease.sent).toEqual([]);
});

test('rejects a change to a record whose lock was lost', async () => {
	const { simulator } = drive;
	const { recordId } = simulator.records.create('100', 'a');
	const workflow = lease.workflow(
		async () => {
			simulator.locks.release(LOCK_ID);
			await drive.clock.advance(10 * MINUTE);
		},
		{ then: ['complete'] },
	);
	const complete = workflow.nodes.find(({ name }) => name === 'complete')!;
	complete.type = BACKUP_NODE_TYPE;
	Object.assign(complete.parameters, { resource: 'record', recordId });
	const { message } = errorOf(await drive.engine.run(workflow, drive.credential));
	expect(message).toMatch(/^Record "\d+" was not completed: .*lock was lost/);
	expect(simulator.requests.filter(({ target }) => target.includes('/record'))).toEqual([]);
});
