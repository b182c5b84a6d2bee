import type { INodeParameters } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { testEveryVersion, testKeepAlive as test } from '../compatibility/versions';
import type { Executed } from '../engine';
import { faults } from '../simulator';
import { errorOf, MINUTE, SECOND, useLease, withoutFinishHandler } from '../setup';

const lease = useLease();
const { drive } = lease;

/** Runs Create, then a backup under the lock. */
async function backUp(keepAlive: unknown, backup: () => Promise<void>): Promise<Executed> {
	const workflow = lease.workflow(backup);
	workflow.nodes.find(({ name }) => name === 'KooDrive')!.parameters = {
		operation: 'create',
		moduleCode: '102',
		options: { keepAlive } as INodeParameters,
	};
	return await drive.engine.run(workflow, drive.credential);
}

test('renews the new lock until the workflow ends, then releases it', async () => {
	let isAlive = false;
	const { json } = await backUp({ renewal: {} }, async () => {
		await drive.clock.advance(30 * MINUTE);
		isAlive = drive.simulator.locks.alive.some((id) => id.endsWith('@102'));
	});
	expect(isAlive).toBe(true);
	expect(json('Next')).toEqual([
		{ code: 0, msg: 'success', lockId: expect.stringMatching(/@102$/) as string },
	]);
	expect(lease.sent).toEqual([
		'POST 0',
		...Array.from({ length: 9 }, (_, index) => `PATCH ${200 * (index + 1)}`),
		'DELETE 1800',
	]);
	const { headers } = drive.simulator.requests.at(-1)!;
	expect(headers['x-backup-lock-id']).toBe(json('Next')[0]!.lockId);
});

test('renews at the interval of Renew Every, and no longer than Stop After', async () => {
	await backUp({ renewal: { renewEvery: 60, stopAfter: 3 } }, async () => {
		await drive.clock.advance(8 * MINUTE);
	});
	const renewals = lease.sent.filter((line) => line.startsWith('PATCH'));
	expect(renewals.slice(0, 2)).toEqual(['PATCH 60', 'PATCH 120']);
	expect(renewals.length).toBeLessThanOrEqual(3);
	expect(lease.sent.at(-1)).toBe('DELETE 480');
});

test('releases the lock if the workflow fails', async () => {
	const { run } = await backUp({ renewal: {} }, async () => {
		await Promise.reject(new Error('the backup failed'));
	});
	expect(run.status).toBe('error');
	expect(lease.sent).toEqual(['POST 0', 'DELETE 0']);
});

test.each([{}, true, { renewEvery: 60 }])(
	'uses the defaults if the option is set in another shape: %j',
	async (keepAlive) => {
		await backUp(keepAlive, async () => await drive.clock.advance(5 * MINUTE));
		expect(lease.sent).toEqual(['POST 0', 'PATCH 200', 'DELETE 300']);
	},
);

testEveryVersion('renews nothing if the option is not set', async () => {
	await backUp(undefined, async () => await drive.clock.advance(30 * MINUTE));
	expect(lease.sent).toEqual(['POST 0']);
});

testEveryVersion('keeps the option when the editor saves it without changes', () => {
	const { description } = drive.engine.node;
	const parameters: INodeParameters = {
		operation: 'create',
		options: { keepAlive: { renewal: {} } },
	};
	const node = { typeVersion: 1 };
	const { properties } = description;
	const saved = NodeHelpers.getNodeParameters(
		properties,
		parameters,
		false,
		false,
		node,
		description,
	);
	expect(saved).toMatchObject(parameters);
});

testEveryVersion.each([
	['an interval of 5 seconds', { renewal: { renewEvery: 5 } }, "'Renew Every (Seconds)' must be"],
	['a duration of 0', { renewal: { stopAfter: 0 } }, "'Stop After (Minutes)' must be"],
])('rejects %s before sending anything', async (_what, keepAlive, complaint) => {
	const executed = await backUp(keepAlive, async () => await Promise.resolve());
	expect(errorOf(executed).message).toContain(complaint);
	expect(lease.sent).toEqual([]);
});

testEveryVersion(
	'creates no lock in an n8n version that does not report the end of an execution',
	async () => {
		withoutFinishHandler(drive);
		const executed = await backUp({ renewal: {} }, async () => await Promise.resolve());
		expect(errorOf(executed).message).toContain('requires n8n 2.33 or later');
		expect(lease.sent).toEqual([]);
		expect((await backUp(undefined, async () => await Promise.resolve())).run.status).toBe(
			'success',
		);
	},
);

test('renews nothing if no lock was created', async () => {
	lease.faultFor = () => faults.code(13000410, 'not allowed', 403);
	const { run } = await backUp({ renewal: {} }, async () => await drive.clock.advance(SECOND));
	expect(run.status).toBe('error');
	expect(lease.sent).toEqual(['POST 0']);
});

test('lets the next nodes take the ID of the lock from Keep Alive', async () => {
	const { json } = await lease.run(async () => await Promise.resolve());
	expect(json('Next')).toEqual([{ code: 0, msg: 'success', lockId: 'a@100' }]);
});
