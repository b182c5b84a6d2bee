import { faults } from '../simulator';
import { continueOnFail, SECOND, useKooDrive } from '../setup';

const drive = useKooDrive();

test('renews 150 locks with at most 50 connections at a time', async () => {
	const { json } = await drive.run(drive.locks(150));
	expect(json('Next')).toHaveLength(150);
	expect(drive.simulator.requests).toHaveLength(150);
	expect(drive.simulator.mostConnections).toBeLessThanOrEqual(50);
});

test('opens at most Max Concurrency connections at a time', async () => {
	drive.simulator.line.roundTrip = 5;
	await drive.run(drive.locks(30), { options: { maxConcurrency: 3 } });
	expect(drive.simulator.mostConnections).toBeLessThanOrEqual(3);
});

test('renews the other locks while one gets no response', async () => {
	const items = drive.locks(20);
	drive.simulator.faultFor = ({ headers }) =>
		headers['x-backup-lock-id'] === items[0]!.lockId ? faults.silence() : undefined;
	const { json } = await drive.run(
		items,
		{ options: { maxConcurrency: 2, timeout: 100, maxTries: 2 } },
		continueOnFail,
	);
	expect(json('Next').filter(({ code }) => code === 0)).toHaveLength(19);
	expect(json('Next')[0]!.error).toContain('response timed out');
});

test.each([
	[18, 1],
	[80, 5],
])(
	'renews a healthy lock immediately although %d before it wait for another attempt, at Max Concurrency %d',
	async (sick, maxConcurrency) => {
		const items = drive.locks(sick + 1);
		const healthy = items.at(-1)!.lockId;
		const began = drive.clock.monotonic();
		let renewedAfter = Infinity;
		drive.simulator.faultFor = ({ headers }) => {
			if (headers['x-backup-lock-id'] !== healthy)
				return faults.status(503, { 'Retry-After': '50' });
			renewedAfter = drive.clock.monotonic() - began;
			return undefined;
		};
		const { json } = await drive.run(items, { options: { maxConcurrency } }, continueOnFail);
		expect(json('Next').at(-1)).toEqual({ code: 0, msg: 'success' });
		expect(renewedAfter).toBeLessThan(SECOND);
	},
);

test('keeps to Max Concurrency after a request that many items share has failed', async () => {
	const { recordId } = drive.simulator.records.create('100', 'server-1', undefined);
	let sent = 0;
	drive.simulator.faultFor = () => {
		// The response to the deletion is lost, and some of the requests for the record are rejected.
		if (++sent === 1) return faults.resetDuring();
		return sent % 3 === 0 ? faults.status(503) : faults.delay(20);
	};
	const { json } = await drive.runRecord(
		{
			operation: 'delete',
			recordId,
			lockId: drive.locks(1)[0]!.lockId,
			options: { maxConcurrency: 3 },
		},
		Array.from({ length: 100 }, () => ({})),
	);
	expect(json('Next')).toEqual(Array(100).fill({ deleted: true, recordId }));
	expect(drive.simulator.mostConnections).toBeLessThanOrEqual(3);
});

test('renews a lock once for two items with the same ID', async () => {
	const [one, other] = drive.locks(2);
	const items = [one!, other!, { lockId: ` ${one!.lockId}` }, one!];
	const { json } = await drive.run(items, { options: { includeLockDetails: true } });
	expect(drive.simulator.requests).toHaveLength(2);
	expect(json('Next').map(({ lockId }) => lockId)).toEqual(
		[one, other, one, one].map((item) => item!.lockId),
	);
});

test('releases a lock once for two items with the same ID', async () => {
	const [item] = drive.locks(1);
	const { json } = await drive.run([item!, item!], { operation: 'release' });
	expect(drive.simulator.requests).toHaveLength(1);
	expect(json('Next')).toEqual([
		{ code: 0, msg: 'success' },
		{ code: 0, msg: 'success' },
	]);
});

test('creates one lock per item, even with the same parameters', async () => {
	await drive.run([{}, {}, {}], { operation: 'create', moduleCode: '100' });
	expect(drive.simulator.locks.alive).toHaveLength(3);
});

test('keeps the order of the items and pairs each with its input', async () => {
	const items = drive.locks(20);
	drive.simulator.faultFor = () => faults.delay(Math.random() * 30);
	const { items: output } = await drive.run(items, { options: { includeLockDetails: true } });
	expect(output('Next').map(({ json }) => json.lockId)).toEqual(items.map(({ lockId }) => lockId));
	expect(output('KooDrive').map(({ pairedItem }) => pairedItem)).toEqual(
		items.map((_, item) => ({ item })),
	);
});

test.each([
	[1, 1],
	// Once more, to find out whether the credential contains expressions.
	[2, 2],
	[30, 2],
])('decrypts the credential for %d items %d times', async (items, decryptions) => {
	await drive.run(drive.locks(items));
	expect(drive.simulator.requests).toHaveLength(items);
	expect(drive.engine.credentials.decryptions).toBe(decryptions);
});

test('evaluates an expression once per item', async () => {
	drive.simulator.faultFor = () => faults.code(0, 'success');
	const lockId = '={{ "lock-" + Math.random() }}';
	const { json } = await drive.run([{}], { lockId, options: { includeLockDetails: true } });
	const [request] = drive.simulator.requests;
	expect(json('Next')).toMatchObject([{ lockId: request!.headers['x-backup-lock-id'] }]);
});
