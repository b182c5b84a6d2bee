import type { Executed } from '../engine';
import { BACKUP_NODE_TYPE, workflowOf } from '../engine';
import { byId, DAY, errorOf, useKooDrive } from '../setup';
import { faults } from '../simulator';

/* Which backup is the latest, by the requests for its files. */

const NOW = Date.UTC(2026, 8, 24, 6);

const drive = useKooDrive();
beforeEach(() => drive.simulator.clock.set(NOW));

/** Adds a completed backup of the device "server"; returns its ID. */
function backup(createTime: unknown, more: object = {}): string {
	const shown = { status: 1, createTime: createTime as string, ...more };
	return drive.simulator.records.create('100', 'server', shown).recordId;
}

/** Answers the list of records with these, whatever it filters. */
function listAll(change: (record: object) => object = (record) => record): void {
	const data = [...drive.simulator.records.records.values()].map(change);
	drive.simulator.faultFor = ({ target }) =>
		target.includes('/record?') ? faults.body(JSON.stringify({ code: 0, data })) : undefined;
}

async function restore(): Promise<Executed> {
	const workflow = workflowOf(
		[{}],
		{
			resource: 'backup',
			operation: 'restore',
			source: 'latest',
			deviceId: byId('server'),
			moduleCode: '100',
		},
		{ type: BACKUP_NODE_TYPE },
	);
	return await drive.engine.run(workflow, drive.credential);
}

/** The records whose files were listed. */
const chosen = () =>
	drive.simulator.requests.flatMap(
		({ target }) => /\/record\/(\d+)\/files/.exec(target)?.[1] ?? [],
	);

test('is that of the latest creation time, whatever the order of the list', async () => {
	backup('2026-09-22T06:00:00Z');
	const latest = backup('2026-09-24T02:00:00+02:00');
	backup('2026-09-23T23:00:00Z');
	await restore();
	expect(chosen()).toEqual([latest]);
});

test.each([
	['9', '10'],
	['10', '9'],
])('is that of the larger ID if several were created at the same time: %s, %s', async (...ids) => {
	for (const recordId of ids) backup('2026-09-24T00:00:00Z', { recordId });
	await restore();
	expect(chosen()).toEqual(['10']);
});

test('is found if statuses come as text, and IDs and types as numbers', async () => {
	const recordId = backup('2026-09-24T00:00:00Z', { recordId: '7' });
	listAll((record) => ({ ...record, recordId: 7, status: '1', moduleCode: 100 }));
	await restore();
	expect(chosen()).toEqual([recordId]);
});

test('is of the device and the type, even if the list ignores its filters', async () => {
	const latest = backup('2026-09-22T00:00:00Z');
	backup('2026-09-23T00:00:00Z', { deviceInfo: { deviceId: 'other' } });
	backup('2026-09-23T00:00:00Z', { moduleCode: '101' });
	listAll();
	await restore();
	expect(chosen()).toEqual([latest]);
});

describe('is unknown, and nothing is restored,', () => {
	test.each<[string, unknown, object, string]>([
		['if a newer one names no device', '2026-09-23T00:00:00Z', { deviceInfo: {} }, 'no device'],
		[
			'if a newer one names no type',
			'2026-09-23T00:00:00Z',
			{ moduleCode: null },
			'no backup type',
		],
		['if the time of one can not be read', 'yesterday', {}, 'can\'t be read ("yesterday")'],
		['if one has neither time nor device', undefined, { deviceInfo: null }, 'no device'],
		['if it lies ahead', new Date(NOW + 2 * DAY).toISOString(), {}, 'is in the future'],
	])('%s', async (_what, createTime, more, reason) => {
		backup('2026-09-22T00:00:00Z');
		const odd = backup(createTime, more);
		listAll();
		const { message } = errorOf(await restore());
		expect(message).toContain(`which backup of the device is the latest, because`);
		expect(message).toContain(`record "${odd}"`);
		expect(message).toContain(reason);
		expect(chosen()).toEqual([]);
	});
});

test('is known if only an older one names no device', async () => {
	backup('2026-09-22T00:00:00Z', { deviceInfo: {} });
	const latest = backup('2026-09-23T00:00:00Z');
	listAll();
	await restore();
	expect(chosen()).toEqual([latest]);
});

test.each([-3 * DAY, 3 * DAY])("is known if n8n's clock is wrong by %d ms", async (ahead) => {
	const latest = backup('2026-09-24T00:00:00Z');
	drive.clock.ahead = ahead;
	await restore();
	expect(chosen()).toEqual([latest]);
});
