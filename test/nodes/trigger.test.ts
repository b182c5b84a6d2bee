import fc from 'fast-check';
import type { IDataObject, INodeParameters, JsonObject, WorkflowActivateMode } from 'n8n-workflow';

import type { TriggerState } from '#dist/nodes/KooDriveBackupTrigger/events';
import { findCompleted } from '#dist/nodes/KooDriveBackupTrigger/events';
import type { Polling } from '../engine';
import { byId, DAY, HOUR, MINUTE, SECOND, useKooDrive } from '../setup';
import { faults } from '../simulator';
import { until } from '../until';

const NOW = Date.UTC(2026, 8, 24, 6);

const drive = useKooDrive('manual');

/** What n8n's database holds. */
let stored: IDataObject;
beforeEach(() => {
	drive.simulator.clock.set(NOW);
	stored = {};
	const { devices } = drive.simulator;
	for (const deviceId of ['server', 'other']) {
		devices.devices.set(deviceId, { ...devices.bind(deviceId, deviceId, 'Linux'), deviceId });
	}
});

const records = () => drive.simulator.records.records;
const iso = (time: number) => new Date(time).toISOString();
const now = () => drive.simulator.clock.now();

/** Adds a record, by default one that was completed now; returns its ID. */
function backup(
	createdAt: number | string = now(),
	more: object = {},
	deviceId = 'server',
): string {
	const createTime = typeof createdAt === 'number' ? iso(createdAt) : createdAt;
	return drive.simulator.records.create('100', deviceId, { status: 1, createTime, ...more })
		.recordId;
}

const complete = (recordId: string) => Object.assign(records().get(recordId)!, { status: 1 });

/** An active workflow. n8n stores the static data for certain only when a poll has started an execution. */
async function activate(
	parameters: IDataObject = {},
	activation: WorkflowActivateMode = 'activate',
): Promise<() => Promise<IDataObject[]>> {
	const polling = await start(parameters, activation);
	return async () => {
		const items = await polling.poll();
		if (items === undefined) return [];
		expect(items).not.toEqual([]);
		stored = polling.getStaticData();
		return items;
	};
}

async function start(
	parameters: IDataObject,
	activation: WorkflowActivateMode = 'activate',
	mode: 'trigger' | 'manual' = 'trigger',
): Promise<Polling> {
	const all = { deviceId: byId('server'), moduleCode: '100', ...parameters } as INodeParameters;
	return await drive.engine.startPolling(
		all,
		drive.credential,
		structuredClone(stored),
		activation,
		mode,
	);
}

const idsOf = (items: IDataObject[]) => items.map(({ recordId }) => recordId);

async function errorOf(poll: Promise<unknown>): Promise<JsonObject & { message: string }> {
	return await poll.then(
		() => {
			throw new Error('the poll did not fail');
		},
		(error: unknown) => error as JsonObject & { message: string },
	);
}

describe('Backup Overdue', () => {
	const overdue = { event: 'backupOverdue' };

	test('fires once for an overdue backup, and again each 24 hours as long as it lasts', async () => {
		const recordId = backup(NOW - 26 * HOUR);
		const poll = await activate(overdue);
		expect(await poll()).toEqual([]);
		await drive.clock.advance(SECOND);
		expect(await poll()).toEqual([
			{
				event: 'backupOverdue',
				deviceId: 'server',
				...records().get(recordId),
				ageHours: 26,
			},
		]);
		const fired: number[] = [];
		for (let minutes = 30; minutes <= 50 * 60; minutes += 30) {
			await drive.clock.advance(30 * MINUTE);
			if ((await poll()).length > 0) fired.push(minutes / 60);
		}
		expect(fired).toEqual([24, 48]);
	});

	test('fires anew when the next backup is overdue', async () => {
		backup(NOW - 30 * HOUR);
		const poll = await activate(overdue);
		expect(await poll()).toHaveLength(1);
		const next = backup();
		expect(await poll()).toEqual([]);
		await drive.clock.advance(26 * HOUR + SECOND);
		expect(idsOf(await poll())).toEqual([next]);
		expect(await poll()).toEqual([]);
	});

	test('fires without any completed backup, with recordId null', async () => {
		backup(now(), { status: 0 });
		backup(now(), {}, 'other');
		const poll = await activate(overdue);
		expect(await poll()).toEqual([
			{
				event: 'backupOverdue',
				deviceId: 'server',
				moduleCode: '100',
				recordId: null,
				createTime: null,
				ageHours: null,
			},
		]);
		expect(await poll()).toEqual([]);
	});

	test.each<[IDataObject]>([[{ recordId: null, at: 'now' }], [{ recordId: null }]])(
		'fires where what n8n stored of the last event is not its own: %j',
		async (state) => {
			const key = JSON.stringify(['backupOverdue', 'server', '100']);
			stored = { 'node:KooDrive': { key, overdue: state } };
			expect(await (await activate(overdue, 'init'))()).toHaveLength(1);
		},
	);

	test('fires without any backup where KooDrive rejects the list of devices', async () => {
		drive.simulator.faultFor = ({ target }) =>
			target.includes('/device') ? faults.status(404) : undefined;
		expect(await (await activate(overdue))()).toMatchObject([{ recordId: null }]);
	});

	test('takes the hours that the user entered', async () => {
		backup(NOW - 3 * HOUR);
		expect(await (await activate({ ...overdue, hours: 4 }))()).toEqual([]);
		expect(await (await activate({ ...overdue, hours: 2 }))()).toHaveLength(1);
	});

	test('does not fire again after a restart of n8n, nor after the workflow was published again', async () => {
		backup(NOW - 30 * HOUR);
		expect(await (await activate(overdue))()).toHaveLength(1);
		await drive.clock.advance(HOUR);
		expect(await (await activate(overdue, 'init'))()).toEqual([]);
		expect(await (await activate(overdue, 'activate'))()).toEqual([]);
		await drive.clock.advance(23 * HOUR);
		expect(await (await activate(overdue, 'init'))()).toHaveLength(1);
	});

	test('begins anew for another device or type', async () => {
		backup(NOW - 30 * HOUR);
		backup(NOW - 30 * HOUR, {}, 'other');
		expect(await (await activate(overdue))()).toHaveLength(1);
		const other = { ...overdue, deviceId: byId('other') };
		expect(await (await activate(other, 'update'))()).toHaveLength(1);
		expect(await (await activate({ ...other, moduleCode: '101' }, 'update'))()).toHaveLength(1);
	});

	test.each([
		[-40 * DAY, 'behind'],
		[-10 * MINUTE, 'a little behind'],
		[40 * DAY, 'ahead'],
	])("goes by KooDrive's clock where n8n's is %d ms off", async (ahead) => {
		const poll = await activate(overdue);
		backup(NOW - 25 * HOUR);
		drive.clock.ahead = ahead;
		expect(await poll()).toEqual([]);
		await drive.clock.advance(HOUR + SECOND);
		expect(await poll()).toHaveLength(1);
		drive.clock.ahead = 0;
		expect(await poll()).toEqual([]);
	});

	test('fires again within 24 hours after a Date that was wrong', async () => {
		backup(NOW - 30 * HOUR);
		const poll = await activate(overdue);
		drive.simulator.faultFor = () => faults.skewedDate(30 * DAY);
		expect(await poll()).toHaveLength(1);
		drive.simulator.faultFor = () => undefined;
		expect(await poll()).toEqual([]);
		await drive.clock.advance(23 * HOUR);
		expect(await poll()).toEqual([]);
		await drive.clock.advance(HOUR);
		expect(await poll()).toHaveLength(1);
	});

	test("goes by n8n's clock where KooDrive sends no Date", async () => {
		drive.simulator.faultFor = () => faults.noDate();
		const recordId = backup(NOW - 26 * HOUR);
		const poll = await activate(overdue);
		expect(await poll()).toEqual([]);
		await drive.clock.advance(SECOND);
		expect(await poll()).toMatchObject([{ recordId, ageHours: 26 }]);
	});

	test("allows for KooDrive's servers to be five minutes apart", async () => {
		backup(NOW + 5 * MINUTE);
		expect(await (await activate(overdue))()).toEqual([]);
	});

	test.each<[string, number | string, object, string]>([
		['a time that can not be read', 'yesterday', {}, 'can\'t be read ("yesterday")'],
		['a time ahead', NOW + 5 * MINUTE + SECOND, {}, 'is in the future (2026-09-24 06:05:01 UTC)'],
		['no device', NOW - HOUR, { deviceInfo: {} }, 'names no device'],
	])('fails for %s, which is no overdue backup', async (_what, createdAt, more, reason) => {
		backup(NOW - 30 * HOUR);
		const recordId = backup(createdAt, more);
		const data = [...records().values()];
		drive.simulator.faultFor = () => faults.body(JSON.stringify({ code: 0, data }));
		const { name, message } = await errorOf((await activate(overdue))());
		expect(name).toBe('NodeOperationError');
		expect(message).toContain(`record "${recordId}"`);
		expect(message).toContain(reason);
	});
});

describe('Backup Completed', () => {
	const completed = { event: 'backupCompleted' };

	test('fires for each new backup once, and for none from before the workflow was published', async () => {
		backup(NOW - DAY);
		const poll = await activate(completed);
		expect(await poll()).toEqual([]);
		const [one, two] = [backup(), backup()];
		backup(now(), {}, 'other');
		expect(await poll()).toEqual(
			[one, two].map((recordId) => ({
				event: 'backupCompleted',
				deviceId: 'server',
				...records().get(recordId),
				ageHours: 0,
			})),
		);
		expect(await poll()).toEqual([]);
	});

	test('shows what the backup contains', async () => {
		const poll = await activate(completed);
		await poll();
		const recordId = backup();
		const summary = { files: 3, bytes: 9, workflow: { id: '1', name: 'Nightly' }, execution: '5' };
		const properties = JSON.stringify({ n8n: { recordId, ...summary } });
		Object.assign(records().get(recordId)!, { properties });
		expect(await poll()).toMatchObject([{ recordId, summary }]);
	});

	test('fires for a record that was open at one poll and is completed at the next', async () => {
		const before = backup(NOW - HOUR, { status: 0 });
		const poll = await activate(completed);
		expect(await poll()).toEqual([]);
		const open = backup(now(), { status: 0 });
		const done = backup();
		expect(idsOf(await poll())).toEqual([done]);
		complete(open);
		expect(idsOf(await poll())).toEqual([open]);
		complete(before);
		expect(idsOf(await poll())).toEqual([before]);
		expect(await poll()).toEqual([]);
	});

	test('fires for those that were completed while n8n was stopped, and for none twice', async () => {
		const poll = await activate(completed);
		await poll();
		const first = backup();
		const open = backup(now(), { status: 0 });
		expect(idsOf(await poll())).toEqual([first]);
		// n8n is stopped.
		await drive.clock.advance(3 * DAY);
		complete(open);
		const missed = [backup(), backup()];
		const afterRestart = await activate(completed, 'init');
		expect(idsOf(await afterRestart())).toEqual([open, ...missed]);
		expect(await afterRestart()).toEqual([]);
		expect(await (await activate(completed, 'init'))()).toEqual([]);
	});

	test('fires for none that was completed while the workflow was not published', async () => {
		const poll = await activate(completed);
		await poll();
		backup();
		expect(await poll()).toHaveLength(1);
		backup();
		const republished = await activate(completed, 'activate');
		expect(await republished()).toEqual([]);
		const next = backup();
		expect(idsOf(await republished())).toEqual([next]);
	});

	test('fires once for those that are completed between two versions of the workflow', async () => {
		const poll = await activate(completed);
		await poll();
		backup();
		expect(await poll()).toHaveLength(1);
		const next = backup();
		const updated = await activate(completed, 'update');
		expect(idsOf(await updated())).toEqual([next]);
	});

	test.each([
		[0, 1],
		[250, 150],
	])('fires for no record twice that a list left out for once: %d and %d', async (old, left) => {
		for (let count = 0; count < old; count++) backup(NOW - DAY);
		const poll = await activate(completed);
		await poll();
		const made = Array.from({ length: left + 1 }, () => backup());
		expect(idsOf(await poll())).toEqual(made);
		const data = [...records().values()].slice(0, -left);
		drive.simulator.faultFor = () => faults.body(JSON.stringify({ code: 0, data }));
		expect(await poll()).toEqual([]);
		drive.simulator.faultFor = () => undefined;
		expect(await poll()).toEqual([]);
	});

	test('fires for an old record that was open, however many newer ones are open', async () => {
		const old = backup(NOW - 2 * DAY, { status: 0 });
		for (let count = 0; count < 101; count++) backup(NOW - DAY);
		for (let count = 0; count < 101; count++) backup(NOW, { status: 0 });
		const poll = await activate(completed);
		await poll();
		// A list that leaves it out for once.
		const data = [...records().values()].slice(1);
		drive.simulator.faultFor = () => faults.body(JSON.stringify({ code: 0, data }));
		await poll();
		drive.simulator.faultFor = () => undefined;
		complete(old);
		expect(idsOf(await poll())).toEqual([old]);
		expect(await poll()).toEqual([]);
	});

	test('fires once where two polls overlap', async () => {
		const poll = await activate(completed);
		await poll();
		const recordId = backup();
		drive.simulator.faultFor = () => faults.delay(20);
		const both = await Promise.all([poll(), poll()]);
		expect(both.flatMap(idsOf)).toEqual([recordId]);
	});

	test.each<[string, IDataObject]>([
		['a key', { key: 7 }],
		['no object', { completed: 'all' }],
		['no list of known backups', { completed: { known: 'all', open: [] } }],
		['a known backup', { completed: { known: [7], open: [] } }],
		['no list of open backups', { completed: { known: [], open: null } }],
		['a place', { completed: { known: [], open: [], upTo: 'all' } }],
		[
			"a place's record",
			{ completed: { known: [], open: [], upTo: { recordId: 7, createdAt: 1 } } },
		],
		[
			"a place's time",
			{ completed: { known: [], open: [], upTo: { recordId: '7', createdAt: '1' } } },
		],
	])('begins anew where what n8n stored is not its own: %s', async (_what, state) => {
		backup();
		const key = JSON.stringify(['backupCompleted', 'server', '100']);
		stored = { 'node:KooDrive': { key, completed: { known: [], open: [] }, ...state } };
		const poll = await activate(completed, 'init');
		expect(await poll()).toEqual([]);
		const next = backup();
		expect(idsOf(await poll())).toEqual([next]);
	});

	test('watches each of two devices by itself', async () => {
		const [one, two] = [
			await activate(completed),
			await activate({ ...completed, deviceId: byId('other') }),
		];
		await one();
		await two();
		const [first, second] = [backup(), backup(now(), {}, 'other')];
		expect(idsOf(await one())).toEqual([first]);
		expect(idsOf(await two())).toEqual([second]);
	});
});

describe('the state', () => {
	test('holds what is known, and under which parameters', async () => {
		const recordId = backup();
		const completed = await start({ event: 'backupCompleted' });
		await completed.poll();
		expect(completed.getStaticData()).toEqual({
			'node:KooDrive': {
				key: '["backupCompleted","server","100"]',
				completed: { known: [recordId], open: [] },
			},
		});
	});

	test('stays small however many records there are, and misses none', async () => {
		for (let day = 400; day > 0; day--) backup(NOW - day * DAY, { status: Number(day <= 250) });
		const poll = await activate({ event: 'backupCompleted' });
		await poll();
		const seen: unknown[] = [];
		const made: string[] = [];
		for (let day = 0; day < 15; day++) {
			for (let hour = 0; hour < 8; hour++) made.push(backup(now() + hour));
			await drive.clock.advance(DAY);
			seen.push(...idsOf(await poll()));
		}
		expect(seen).toEqual(made);
		const { known, open } = (stored as { 'node:KooDrive': { completed: IDataObject } })[
			'node:KooDrive'
		].completed;
		expect([known, open]).toMatchObject([{ length: 200 }, { length: 100 }]);
	});

	test('fires for each record exactly once, in any order of events', () => {
		interface Model {
			recordId: string;
			createdAt: number;
			isCompleted: boolean;
		}
		const step = fc.oneof(
			fc.record({ kind: fc.constant('create'), age: fc.integer({ min: 0, max: 3 }) }),
			fc.record({ kind: fc.constantFrom('complete', 'delete'), age: fc.nat(300) }),
			fc.record({ kind: fc.constantFrom('poll', 'restart'), age: fc.constant(0) }),
		);
		fc.assert(
			fc.property(fc.nat(150), fc.array(step, { maxLength: 120 }), (count, steps) => {
				let made = 0;
				const create = (age: number, isCompleted: boolean): Model => {
					made++;
					return { recordId: String(made), createdAt: made - age, isCompleted };
				};
				let all = Array.from({ length: count }, () => create(0, made % 7 !== 0));
				let known: TriggerState['completed'];
				let saved = '';
				const fired: string[] = [];
				const poll = () => {
					const sorted = [...all]
						.sort(
							(one, other) =>
								other.createdAt - one.createdAt || Number(other.recordId) - Number(one.recordId),
						)
						.map((model) => ({ ...model, record: {} }));
					const result = findCompleted(known, {
						completed: sorted.filter(({ isCompleted }) => isCompleted),
						incomplete: sorted.filter(({ isCompleted }) => !isCompleted),
					});
					known = result.completed;
					fired.push(...result.events.map(({ recordId }) => recordId));
					if (result.events.length > 0) saved = JSON.stringify(known);
				};
				poll();
				saved = JSON.stringify(known);
				const expected: string[] = [];
				const notYet = new Set<string>();
				for (const { kind, age } of steps) {
					if (kind === 'create') all.push(create(age, false));
					if (kind === 'poll') poll();
					if (kind === 'restart') known = JSON.parse(saved) as typeof known;
					if (kind === 'poll') notYet.clear();
					const model = all[age % Math.max(1, all.length)];
					if (model === undefined) continue;
					if (kind === 'complete' && !model.isCompleted) {
						model.isCompleted = true;
						expected.push(model.recordId);
						notYet.add(model.recordId);
					}
					// What is deleted before it was seen is no event.
					if (kind === 'delete' && !notYet.has(model.recordId)) {
						all = all.filter((other) => other !== model);
					}
				}
				poll();
				expect([...fired].sort()).toEqual(expected.sort());
			}),
		);
	});
});

describe('a device that KooDrive does not know', () => {
	const unknown = { deviceId: byId('sever') };
	const message =
		'KooDrive knows no device with the ID "sever". Select a \'Device\' from the list.';

	test.each(['backupOverdue', 'backupCompleted'])('is an error, no event: %s', async (event) => {
		const poll = await activate({ event, ...unknown });
		expect(await errorOf(poll())).toMatchObject({ message });
		const test = await start({ event, ...unknown }, 'manual', 'manual');
		expect(await errorOf(test.poll())).toMatchObject({ message });
	});

	test.each(['backupOverdue', 'backupCompleted'])(
		'is not what it seems to be while the list of devices is unavailable: %s',
		async (event) => {
			drive.simulator.faultFor = ({ target }) =>
				target.includes('/device') ? faults.status(503) : undefined;
			const failed = errorOf((await activate({ event }))());
			await until('the first retry waits', () => drive.clock.sleeping > 0);
			await drive.clock.advance(61 * SECOND);
			expect((await failed).message).toContain("the list of devices couldn't be read");
		},
	);
});

describe('a manual execution', () => {
	const manual = async (parameters: IDataObject) =>
		await (await start(parameters, 'manual', 'manual')).poll();

	test.each(['backupOverdue', 'backupCompleted'])('shows the latest backup: %s', async (event) => {
		backup(NOW - DAY);
		const latest = backup(NOW - HOUR);
		expect(await manual({ event })).toMatchObject([{ event, recordId: latest, ageHours: 1 }]);
		expect(stored).toEqual({});
	});

	test('shows an event without a record, or says that there is none', async () => {
		expect(await manual({ event: 'backupOverdue' })).toMatchObject([{ recordId: null }]);
		const { message } = await errorOf(manual({ event: 'backupCompleted' }));
		expect(message).toContain('Device "server" has no completed backup of this type yet');
	});
});

// The editor doesn't save a value that is its field's default. n8n can't publish a workflow without it.
test.each([
	[{ mode: 'everyHour' }, { mode: 'everyHour', minute: 0 }],
	[{ mode: 'everyDay' }, { mode: 'everyDay', hour: 14, minute: 0 }],
	[{ mode: 'everyX' }, { mode: 'everyX', value: 2, unit: 'hours' }],
])('n8n completes the poll times that the editor saved: %j', async (saved, complete) => {
	const pollTimes = { item: [saved] };
	const polling = await start({ deviceId: byId('server'), pollTimes });
	expect(polling.pollTimes).toEqual({ item: [complete] });
});

describe('an outage', () => {
	test.each(['backupOverdue', 'backupCompleted'])(
		'is retried for up to 60 s, and then an error, never an event: %s',
		async (event) => {
			backup(NOW - HOUR);
			const poll = await activate({ event });
			await poll();
			drive.simulator.requests.length = 0;
			drive.simulator.faultFor = () => faults.status(503);
			const failed = errorOf(poll());
			await until('the first retry waits', () => drive.clock.sleeping > 0);
			await drive.clock.advance(61 * SECOND);
			const { message } = await failed;
			expect(message).toBe(
				"The backups weren't checked: the list of backups couldn't be read: KooDrive is temporarily unavailable (HTTP 503)",
			);
			expect(drive.simulator.requests.length).toBeGreaterThan(4);
			drive.simulator.faultFor = () => undefined;
			expect(await poll()).toEqual([]);
		},
	);

	test('of 20 seconds is ridden out', async () => {
		const poll = await activate({ event: 'backupOverdue' });
		backup(NOW - 30 * HOUR);
		drive.simulator.faultFor = () => (now() < NOW + 20 * SECOND ? faults.status(503) : undefined);
		const polling = poll();
		await until('the first retry waits', () => drive.clock.sleeping > 0);
		await drive.clock.advance(MINUTE);
		expect(await polling).toHaveLength(1);
	});

	test('in the middle of a long list ends the poll before the five minutes that n8n gives it', async () => {
		drive.simulator.records.longestPage = 1;
		for (let count = 0; count < 20; count++) backup();
		let requests = 0;
		drive.simulator.faultFor = () => (++requests % 6 === 0 ? undefined : faults.status(503));
		const poll = await activate();
		const began = drive.clock.monotonic();
		const failed = errorOf(poll());
		let isOver = false;
		void failed.then(() => (isOver = true));
		while (!isOver) await drive.clock.advance(SECOND);
		await failed;
		expect(drive.clock.monotonic() - began).toBeLessThan(5 * MINUTE);
	});

	test.each([
		[
			'a rejected token',
			() => faults.status(401),
			'rejected the access token',
			'Access tokens expire',
		],
		['no list', () => faults.body('{"code":0,"data":7}'), "doesn't contain the requested data", ''],
		[
			'a rejected parameter',
			() => faults.code(13000102, 'invalid'),
			'rejected a parameter',
			"Check 'Device' and 'Backup Type', and 'User ID' in the KooDrive API credential.",
		],
	])('is no other than %s: an error', async (_what, fault, reason, next) => {
		drive.simulator.faultFor = fault;
		const { message, description } = await errorOf((await activate())());
		expect(message).toContain(reason);
		expect(message).not.toContain(drive.simulator.account.accessToken);
		expect(description).toContain(next);
	});

	test.each([
		['too many requests', () => faults.status(429), 'Poll less often'],
		['no response', () => faults.stall(), 'If it happens again, contact your KooDrive'],
	])('of %s names no option, which a trigger has none of', async (_what, fault, next) => {
		drive.simulator.faultFor = fault;
		const failed = errorOf((await activate())());
		let isOver = false;
		void failed.then(() => (isOver = true));
		while (!isOver) await drive.clock.advance(SECOND);
		expect((await failed).description).toContain(next);
	});
});

describe('invalid input is rejected before anything is sent', () => {
	test.each<[IDataObject, string]>([
		[{ event: 'other' }, 'Trigger On'],
		[{ hours: 0 }, 'Hours'],
		[
			{ hours: '={{ undefined }}' },
			"'Overdue After (Hours)' contains an expression that returned nothing",
		],
		[{ deviceId: byId('') }, 'Device'],
		[{ deviceId: byId('={{ null }}') }, 'Device'],
		[{ moduleCode: '7' }, 'Backup Type'],
		[{ hours: "={{ $('Set').first().json.hours }}" }, "Referenced node doesn't exist"],
	])('%j', async (parameters, name) => {
		const { message } = await errorOf((await activate(parameters))());
		expect(message).toContain(name);
		expect(drive.simulator.requests).toEqual([]);
	});
});
