import type { IDataObject, INode } from 'n8n-workflow';

import { BACKUP_NODE_TYPE, workflowOf } from '../engine';
import type { Executed, WorkflowJson } from '../engine';
import { bytes, filesWorkflow } from '../engine/files';
import { byId, continueOnFail, DAY, errorOf, HOUR, MINUTE, SECOND, useKooDrive } from '../setup';
import type { RecordedRequest } from '../simulator';
import { faults } from '../simulator';
import type { BackupFile } from '../simulator/records';
import { until } from '../until';

const RECORDS = '/koodrive/ose/v1/backup/record';
const LOCK = '/koodrive/ose/v1/backup/lock';
const NOW = Date.UTC(2026, 8, 24, 6);

const drive = useKooDrive('manual');

beforeEach(() => {
	drive.simulator.clock.set(NOW);
});

/** Adds a completed backup, by default one of the device "server"; returns its ID. */
function backup(createTime: unknown, more: object = {}, deviceId = 'server'): string {
	const shown = { status: 1, createTime: createTime as string, ...more };
	return drive.simulator.records.create('100', deviceId, shown).recordId;
}

/** Adds a completed backup for each of the last days, the newest first; returns their IDs. */
function daily(count: number, deviceId?: string): string[] {
	return Array.from({ length: count }, (_, days) =>
		backup(new Date(NOW - HOUR - days * DAY).toISOString(), {}, deviceId),
	);
}

function workflow(
	parameters: IDataObject = {},
	items: IDataObject[] = [{}],
	settings: Partial<INode> = {},
	timezone = 'Europe/Berlin',
): WorkflowJson {
	const more = {
		resource: 'backup',
		operation: 'deleteOld',
		deviceId: byId('server'),
		moduleCode: '100',
		...parameters,
	};
	const node = { type: BACKUP_NODE_TYPE, ...settings };
	return { ...workflowOf(items, more, node), settings: { timezone } };
}

async function deleteOld(...given: Parameters<typeof workflow>): Promise<Executed> {
	return await drive.engine.run(workflow(...given), drive.credential);
}

const keep = (policy: IDataObject, options: IDataObject = {}) => ({ retention: policy, options });
const idsOf = (executed: Executed, list: string) =>
	executed
		.json('Next')
		.flatMap((summary) => summary[list] as IDataObject[])
		.map(({ recordId }) => recordId);
const deletedIn = (executed: Executed) => idsOf(executed, 'deletedRecords');
const toDeleteIn = (executed: Executed) => idsOf(executed, 'recordsToDelete');
const left = () => [...drive.simulator.records.records.keys()];
const sent = () =>
	drive.simulator.requests.map(({ method, target }) => {
		const [path] = target.split('?');
		return path === LOCK ? `${method} lock` : `${method} ${path!.slice(RECORDS.length + 1)}`.trim();
	});
const hintsOf = ({ run }: Executed) =>
	(run.data.resultData.runData.KooDrive!.at(-1)!.hints ?? []).map(({ message }) => message);
const isDelete = ({ method, target }: RecordedRequest) =>
	method === 'DELETE' && target.startsWith(RECORDS);

/** Answers each list of records with these, whatever it filters. */
function listing(data: object[]): typeof drive.simulator.faultFor {
	return ({ method, target }) =>
		method === 'GET' && target.startsWith(`${RECORDS}?`)
			? faults.body(JSON.stringify({ code: 0, data }))
			: undefined;
}

afterEach(() => {
	expect(drive.simulator.locks.alive).toEqual([]);
});

describe('what is deleted', () => {
	test('lists, creates a lock, lists again, deletes the oldest first and releases the lock', async () => {
		const ids = daily(10);
		const executed = await deleteOld();
		const [ninth, eighth, seventh] = [ids[9]!, ids[8]!, ids[7]!];
		expect(sent()).toEqual([
			'GET',
			'POST lock',
			'GET',
			`DELETE ${ninth}`,
			`DELETE ${eighth}`,
			`DELETE ${seventh}`,
			'DELETE lock',
		]);
		expect(left()).toEqual(ids.slice(0, 7));
		expect(executed.json('Next')).toEqual([
			{
				deviceId: 'server',
				dryRun: false,
				deleted: 3,
				kept: 7,
				deletedRecords: [ninth, eighth, seventh].map((recordId) => ({
					recordId,
					status: 1,
					createTime: expect.any(String) as string,
				})),
			},
		]);
		expect(executed.items('KooDrive').map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }]);
		expect(hintsOf(executed)).toEqual(['Deleted 3 of 10 backups of device "server".']);
		const [lockId, ...others] = drive.simulator.requests.flatMap(
			({ headers }) => headers['x-backup-lock-id'] ?? [],
		);
		expect(lockId).toMatch(/@100$/);
		expect(new Set(others)).toEqual(new Set([lockId]));
	});

	test("begins days at midnight in the workflow's time zone, whatever offset a record has", async () => {
		const [newest, sameDay, dayBefore] = [
			backup('2026-09-22T21:30:00Z'),
			backup('2026-09-22T07:00:00+09:00'),
			backup('2026-09-21T23:30:00+02:00'),
		];
		expect(toDeleteIn(await deleteOld(keep({ keepDaily: 2 }, { dryRun: true })))).toEqual([
			sameDay,
		]);
		const inUtc = await deleteOld(keep({ keepDaily: 2 }, { dryRun: true }), [{}], {}, 'UTC');
		expect(toDeleteIn(inUtc)).toEqual([dayBefore]);
		expect(left()).toEqual([newest, sameDay, dayBefore]);
	});

	test('deletes backups of the selected device only', async () => {
		const [one, two] = [daily(3, 'one'), daily(3, 'two')];
		const deviceId = byId(' two ');
		await deleteOld({ deviceId, ...keep({ keepLast: 1 }) });
		expect(left()).toEqual([...one, two[0]]);
		expect(drive.simulator.requests[0]!.target).toContain('deviceId=two');
	});

	test('deletes backups of the selected device and type only, even if the list ignores its filters', async () => {
		const [one, two] = [daily(3, 'one'), daily(3, 'two')];
		const album = Array.from({ length: 3 }, (_, days) => {
			const createTime = new Date(NOW - 9 * DAY - days * DAY).toISOString();
			return drive.simulator.records.create('101', 'two', { status: 1, createTime }).recordId;
		});
		const all = [...drive.simulator.records.records.values()];
		drive.simulator.faultFor = listing(all);
		const executed = await deleteOld({ deviceId: byId('two'), ...keep({ keepLast: 1 }) });
		expect(deletedIn(executed)).toEqual([two[2], two[1]]);
		expect(left()).toEqual([...one, two[0], ...album]);
	});

	test('counts numbers that come as text, and text that comes as a number', async () => {
		const ids = daily(3, '7');
		const all = [...drive.simulator.records.records.values()].map((record) => ({
			...record,
			status: String(record.status),
			moduleCode: 100,
			deviceInfo: { deviceId: 7 },
		}));
		drive.simulator.faultFor = listing(all);
		const executed = await deleteOld({ deviceId: byId('7'), ...keep({ keepLast: 1 }) });
		expect(deletedIn(executed)).toEqual([ids[2], ids[1]]);
	});

	test('takes the larger ID for the newer of two backups of the same time', async () => {
		const time = '2026-09-23T00:00:00Z';
		const [nine, ten] = ['9', '10'].map((recordId) => {
			backup(time, { recordId });
			return recordId;
		});
		expect(toDeleteIn(await deleteOld(keep({ keepLast: 1 }, { dryRun: true })))).toEqual([nine]);
		expect(ten).toBe('10');
	});

	test('shows what the deleted backups contained', async () => {
		daily(1);
		const recordId = backup('2026-09-01T00:00:00Z', { recordId: '7' });
		const summary = { files: 3, bytes: 9, workflow: { id: '1', name: 'Nightly' }, execution: '5' };
		for (const record of drive.simulator.records.records.values()) {
			record.properties = JSON.stringify({ n8n: { recordId, ...summary } });
		}
		const [{ deletedRecords }] = (await deleteOld(keep({ keepLast: 1 }))).json('Next') as [
			IDataObject,
		];
		expect(deletedRecords).toEqual([
			{ recordId, status: 1, createTime: '2026-09-01T00:00:00Z', summary },
		]);
	});

	test('deletes backups of the selected type only', async () => {
		const ids = daily(3);
		await deleteOld({ moduleCode: '101', ...keep({ keepLast: 1 }) });
		expect(left()).toEqual(ids);
	});

	test('sends nothing but one list when nothing is to be deleted', async () => {
		daily(7);
		const executed = await deleteOld();
		expect(sent()).toEqual(['GET']);
		expect(executed.json('Next')).toEqual([
			{ deviceId: 'server', dryRun: false, deleted: 0, kept: 7, deletedRecords: [] },
		]);
		expect(hintsOf(executed)).toEqual(['Deleted 0 of 7 backups of device "server".']);
	});

	test('decides by the list that it reads under the lock', async () => {
		const ids = daily(4);
		drive.simulator.faultFor = ({ method, target }) => {
			// While the lock is created, someone deletes the newest.
			if (method === 'POST' && target === LOCK) drive.simulator.records.delete(ids[0]!);
			return undefined;
		};
		expect(deletedIn(await deleteOld(keep({ keepLast: 2 })))).toEqual([ids[3]]);
		expect(left()).toEqual([ids[1], ids[2]]);
	});

	test('takes a record that is on two pages for one', async () => {
		const ids = daily(3);
		const all = [...drive.simulator.records.records.values()];
		let page = 0;
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'GET' && target.includes('?')
				? faults.body(
						JSON.stringify({
							code: 0,
							data: page++ % 2 === 0 ? all.slice(0, 2) : all.slice(1),
							nextCursor: page % 2 === 1 ? 'next' : '',
						}),
					)
				: undefined;
		expect(deletedIn(await deleteOld(keep({ keepLast: 2 })))).toEqual([ids[2]]);
	});
});

describe('a dry run', () => {
	test('returns what a real run deletes, and changes nothing, not even by a lock', async () => {
		daily(10);
		backup('2026-09-01T00:00:00Z', { status: 0 });
		const policy = { keepLast: 2, keepWeekly: 2 };
		const options = { deleteIncompleteAfter: 7 };
		const before = left();
		const dry = await deleteOld(keep(policy, { ...options, dryRun: 'true' }));
		expect(sent()).toEqual(['GET', `GET ${before.at(-1)}/files`]);
		expect(left()).toEqual(before);
		expect(dry.json('Next')).toEqual([
			{
				deviceId: 'server',
				dryRun: true,
				deleted: 0,
				kept: 3,
				deletedRecords: [],
				wouldDelete: 8,
				recordsToDelete: expect.any(Array) as unknown[],
			},
		]);
		expect(hintsOf(dry)).toEqual(['Dry run: 8 of 11 backups of device "server" would be deleted.']);
		const real = await deleteOld(keep(policy, options));
		expect(real.json('Next')).toMatchObject([{ dryRun: false, deleted: 8, kept: 3 }]);
		expect(deletedIn(real)).toEqual(toDeleteIn(dry));
	});

	test('fails as a real run does if the newest backup is not known', async () => {
		daily(3);
		backup('soon');
		const { message } = errorOf(await deleteOld(keep({ keepLast: 1 }, { dryRun: true })));
		expect(message).toContain('nothing was deleted, because the creation time of record');
	});
});

describe('incomplete backups', () => {
	test('are left alone, and keep no completed backup from being kept', async () => {
		const incomplete = [
			backup('2020-01-01T00:00:00Z', { status: 0 }),
			backup('2026-09-24T05:59:00Z', { status: 0 }),
			backup('no time', { status: 0 }),
			backup('2020-01-01T00:00:00Z', { status: 2 }),
			backup('no time', { status: 2 }),
		];
		const ids = daily(2);
		expect(deletedIn(await deleteOld(keep({ keepLast: 1 })))).toEqual([ids[1]]);
		expect(left()).toEqual([...incomplete, ids[0]]);
	});

	const after = (days: number) => keep({ keepLast: 1 }, { deleteIncompleteAfter: days });
	const incomplete = (createTime: string) => backup(createTime, { status: 0 });

	test('are deleted after so many days, if that is wanted', async () => {
		const old = incomplete('2026-09-22T05:59:00Z');
		const young = incomplete('2026-09-22T06:01:00Z');
		const unknown = incomplete('no time');
		const ignored = backup('2020-01-01T00:00:00Z', { status: 2 });
		const nameless = backup('2020-01-01T00:00:00Z', { status: 0, deviceInfo: {} });
		const [completed] = daily(1);
		expect(deletedIn(await deleteOld(after(2)))).toEqual([old]);
		expect(left()).toEqual([young, unknown, ignored, nameless, completed]);
	});

	test.each([
		["n8n's clock is fast", () => (drive.clock.ahead = 30 * DAY)],
		["n8n's clock is slow", () => (drive.clock.ahead = -4 * MINUTE)],
		[
			'a Date header lies ahead',
			() => (drive.simulator.faultFor = () => faults.skewedDate(30 * DAY)),
		],
		['there is no Date header', () => (drive.simulator.faultFor = () => faults.noDate())],
	])('are judged by the earlier clock: %s', async (_what, set) => {
		const old = incomplete('2026-09-22T05:55:00Z');
		const young = incomplete('2026-09-22T06:01:00Z');
		set();
		expect(deletedIn(await deleteOld(after(2)))).toEqual([old]);
		expect(left()).toEqual([young]);
	});

	test('are as young as their newest file', async () => {
		const [one, two, three] = ['01', '02', '03'].map((day) =>
			incomplete(`2026-09-${day}T00:00:00Z`),
		) as [string, string, string];
		const file = (createTime: unknown) => ({ fileId: '1', createTime }) as unknown as BackupFile;
		const longAgo = Array.from({ length: 150 }, () => file('2026-09-03T00:00:00Z'));
		const { files } = drive.simulator.records;
		files.set(one, [...longAgo, file('2026-09-23T00:00:00Z')]);
		files.set(two, [...longAgo, file('?')]);
		expect(deletedIn(await deleteOld(after(2)))).toEqual([two, three]);
		expect(left()).toEqual([one]);
	});

	test('are as old as the record where KooDrive does not list their files', async () => {
		const old = incomplete('2026-09-01T00:00:00Z');
		drive.simulator.faultFor = ({ target }) =>
			target.includes('/files') ? faults.code(13000309, 'does not exist', 400) : undefined;
		expect(deletedIn(await deleteOld(after(2)))).toEqual([old]);
	});

	test('are all left alone if the files of one can not be listed', async () => {
		const ids = [...daily(3), incomplete('2026-09-01T00:00:00Z')];
		drive.simulator.faultFor = ({ target }) =>
			target.includes('/files') ? faults.code(13000410, 'not allowed', 403) : undefined;
		expect(errorOf(await deleteOld(after(2))).message).toContain(
			`the files of record "${ids[3]}" couldn't be listed: `,
		);
		expect(left()).toEqual(ids);
	});

	test('are left alone while this n8n writes them, however old they are', async () => {
		const backUp = filesWorkflow(
			drive.engine,
			[{ files: [{ content: bytes(9), name: 'report.pdf' }] }],
			{ operation: 'backUp', deviceId: byId('server'), moduleCode: '100' },
		);
		let isLost = false;
		drive.simulator.faultFor = ({ target }) =>
			!isLost && target.endsWith('/file') ? faults.status(503) : undefined;
		const running = drive.engine.run(backUp, drive.credential);
		await until('the file is retried', () => drive.clock.sleeping > 2);
		const [record] = drive.simulator.records.records.values();
		record!.createTime = '2026-09-01T00:00:00Z';
		expect(deletedIn(await deleteOld(after(2)))).toEqual([]);
		isLost = true;
		await drive.clock.advance(MINUTE);
		expect((await running).run.data.resultData.error).toBeUndefined();
		expect(record).toMatchObject({ status: 1 });
	});
});

describe('a device whose newest backup is not known', () => {
	test.each<[unknown, string]>([
		['yesterday', 'can\'t be read ("yesterday")'],
		['', 'can\'t be read ("")'],
		[undefined, "can't be read (missing)"],
		[new Date(NOW + 25 * HOUR).toISOString(), 'is in the future (2026-09-25 07:00:00 UTC)'],
	])('loses nothing, and fails the node: %j', async (time, reason) => {
		const ids = daily(3);
		const odd = backup(time);
		const old = backup('2020-01-01T00:00:00Z', { status: 0 });
		const executed = await deleteOld(keep({ keepLast: 1 }, { deleteIncompleteAfter: 7 }));
		expect(left()).toEqual([...ids, odd, old]);
		expect(errorOf(executed).message).toBe(
			`The cleanup was not completed: nothing was deleted, because the creation time of record "${odd}" ${reason}`,
		);
		expect(errorOf(executed).description).toContain('delete it with');
		expect(sent()).toEqual(['GET']);
	});

	test('does not include other devices', async () => {
		const ids = daily(3);
		const odd = backup('yesterday', {}, 'other');
		await deleteOld(keep({ keepLast: 1 }));
		expect(left()).toEqual([ids[0], odd]);
	});

	test('does not include records that name no device or no type, which are never deleted', async () => {
		const ids = daily(3);
		const nameless = [{ deviceInfo: {} }, { deviceInfo: null }, { moduleCode: undefined }].map(
			(more) => backup('2020-01-01T00:00:00Z', more),
		);
		drive.simulator.faultFor = listing([...drive.simulator.records.records.values()]);
		const executed = await deleteOld(keep({ keepLast: 1 }));
		expect(deletedIn(executed)).toEqual([ids[2], ids[1]]);
		expect(left()).toEqual([ids[0], ...nameless]);
		expect(hintsOf(executed)[0]).toContain(
			'Left alone, because they name no device or no backup type: 3.',
		);
	});

	test('does not include one that lies less than a day ahead', async () => {
		const ids = daily(2);
		const ahead = backup(new Date(NOW + 23 * HOUR).toISOString());
		await deleteOld(keep({ keepLast: 2 }));
		expect(left()).toEqual([ids[0], ahead]);
	});
});

describe('failures', () => {
	test('deletes nothing if a page cannot be read', async () => {
		const ids = daily(250);
		let pages = 0;
		drive.simulator.faultFor = ({ method }) =>
			method === 'GET' && ++pages === 3 ? faults.code(13000410, 'not allowed', 403) : undefined;
		const { message } = errorOf(await deleteOld());
		expect(message).toContain(
			"The cleanup was not completed: the list of backups couldn't be read: ",
		);
		expect(left()).toEqual(ids);
		expect(sent()).not.toContain('POST lock');
	});

	test('deletes nothing if a page cannot be read under the lock', async () => {
		const ids = daily(150);
		let pages = 0;
		drive.simulator.faultFor = ({ method }) =>
			method === 'GET' && ++pages === 4 ? faults.code(13000410, 'not allowed', 403) : undefined;
		expect(errorOf(await deleteOld()).message).toContain("the list of backups couldn't be read");
		expect(left()).toEqual(ids);
		expect(sent().at(-1)).toBe('DELETE lock');
	});

	test.each([
		['a record without an ID', { status: 1, createTime: '2020-01-01T00:00:00Z' }],
		['a record whose ID leads elsewhere', { recordId: '../lock', status: 1 }],
	])('deletes nothing if the list contains %s', async (_what, record) => {
		const ids = daily(9);
		const data = [...drive.simulator.records.records.values(), record];
		drive.simulator.failNext(faults.body(JSON.stringify({ code: 0, data })));
		expect(errorOf(await deleteOld()).message).toContain("the list of backups couldn't be read");
		expect(left()).toEqual(ids);
	});

	test('says that no lock could be created', async () => {
		const ids = daily(9);
		drive.simulator.faultFor = ({ method }) =>
			method === 'POST' ? faults.code(13000410, 'not allowed', 403) : undefined;
		expect(errorOf(await deleteOld()).message).toContain(
			"The cleanup was not completed: the backup lock couldn't be created: ",
		);
		expect(left()).toEqual(ids);
	});

	test('creates its lock once more when the response is lost', async () => {
		const ids = daily(8);
		let locks = 0;
		drive.simulator.faultFor = ({ method }) =>
			method === 'POST' && ++locks === 1 ? faults.resetDuring() : undefined;
		const running = deleteOld();
		await until('the retry waits', () => locks === 1 && drive.clock.sleeping > 0);
		await drive.clock.advance(SECOND);
		expect(deletedIn(await running)).toEqual([ids[7]]);
		expect(locks).toBe(2);
		// The ID of the first one is unknown.
		expect(drive.simulator.locks.alive).toHaveLength(1);
		await drive.clock.advance(10 * MINUTE);
	});

	test('rides out an outage of eight minutes', async () => {
		daily(8);
		const began = drive.clock.monotonic();
		drive.simulator.faultFor = () =>
			drive.clock.monotonic() < began + 8 * MINUTE ? faults.status(503) : undefined;
		const running = deleteOld();
		await until('a request was sent', () => sent().length > 0);
		await drive.clock.advance(9 * MINUTE);
		expect((await running).json('Next')).toMatchObject([{ deleted: 1 }]);
	});

	test('rides out 503 in the middle', async () => {
		const ids = daily(12);
		let count = 0;
		drive.simulator.faultFor = () => (++count % 3 === 0 ? undefined : faults.status(503));
		const running = deleteOld();
		while (drive.simulator.locks.alive.length > 0 || left().length > 7)
			await drive.clock.advance(SECOND);
		expect(deletedIn(await running)).toEqual(ids.slice(7).reverse());
	});

	test('takes a record that someone else deleted for deleted', async () => {
		const ids = daily(9);
		drive.simulator.faultFor = (request) => {
			if (isDelete(request)) drive.simulator.records.delete(ids[8]!);
			return undefined;
		};
		expect(deletedIn(await deleteOld())).toEqual([ids[8], ids[7]]);
		expect(sent()).toContain(`GET ${ids[8]}`);
	});

	test('takes a record that an attempt without a response deleted for deleted', async () => {
		const ids = daily(8);
		let deletes = 0;
		drive.simulator.faultFor = (request) =>
			isDelete(request) && ++deletes === 1 ? faults.resetDuring() : undefined;
		const running = deleteOld();
		await until('the retry waits', () => drive.clock.sleeping > 2);
		await drive.clock.advance(SECOND);
		expect(deletedIn(await running)).toEqual([ids[7]]);
	});

	test('goes on after one delete failed, and names it', async () => {
		const ids = daily(10);
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'DELETE' && target.endsWith(ids[9]!)
				? faults.code(13000410, 'not allowed', 403)
				: undefined;
		const executed = await deleteOld();
		const { message } = errorOf(executed);
		expect(message).toMatch(
			new RegExp(
				`^The cleanup was not completed: 2 deleted, 7 kept, 1 failed \\(record "${ids[9]}": .* \\(HTTP 403, code 13000410, "not allowed"\\)\\)$`,
			),
		);
		expect(left()).toEqual([...ids.slice(0, 7), ids[9]]);
		expect(sent().at(-1)).toBe('DELETE lock');
	});

	test('names the failure in the output with "Continue"', async () => {
		daily(8);
		drive.simulator.faultFor = (request) =>
			isDelete(request) ? faults.code(13000410, 'not allowed', 403) : undefined;
		const { json } = await deleteOld({}, [{}], continueOnFail);
		expect(json('KooDrive')).toEqual([
			{
				error: expect.stringContaining('0 deleted, 7 kept, 1 failed') as string,
				message: expect.stringContaining('permission') as string,
				details: { code: 13000410, msg: 'not allowed', httpCode: 403 },
			},
		]);
	});

	test('stops after ten failures in a row, and names no more', async () => {
		const ids = daily(30);
		drive.simulator.faultFor = (request) =>
			isDelete(request) ? faults.code(13000410, 'x'.repeat(5_000), 403) : undefined;
		const { message } = errorOf(await deleteOld());
		expect(message).toContain('0 deleted, 7 kept, 10 failed (');
		expect(message).toContain('), 13 skipped');
		expect(message.length).toBeLessThan(6_000);
		expect(left()).toEqual(ids);
	});
});

describe('the lock', () => {
	/** Lets the first delete take this long, in milliseconds. */
	async function duringFirstDelete(milliseconds: number): Promise<Executed> {
		const running = deleteOld();
		await until('a record is being deleted', () => drive.simulator.requests.some(isDelete));
		for (let passed = 0; passed < milliseconds; passed += MINUTE) await drive.clock.advance(MINUTE);
		return await running;
	}

	test('is renewed while a long cleanup runs, at Max Concurrency 1 too', async () => {
		const ids = daily(12);
		let deletes = 0;
		drive.simulator.faultFor = (request) =>
			isDelete(request) && ++deletes % 3 !== 0
				? faults.status(503, { 'Retry-After': '25' })
				: undefined;
		const running = deleteOld({ options: { maxConcurrency: 1, maxTries: 10 } });
		while (left().length > 7) await drive.clock.advance(10 * SECOND);
		expect(deletedIn(await running)).toEqual(ids.slice(7).reverse());
		// Once in 27 seconds, during the 250 that the cleanup takes.
		expect(sent().filter((request) => request === 'PATCH lock')).toHaveLength(9);
	});

	test('is renewed immediately after the machine was suspended', async () => {
		daily(8);
		drive.simulator.faultFor = (request) =>
			isDelete(request) && !sent().includes('PATCH lock')
				? faults.status(503, { 'Retry-After': '30' })
				: undefined;
		const running = deleteOld();
		await until('a record is being deleted', () => drive.simulator.requests.some(isDelete));
		drive.clock.ahead += HOUR;
		await drive.clock.advance(10 * SECOND);
		expect(sent().at(-1)).toBe('PATCH lock');
		await drive.clock.advance(30 * SECOND);
		expect((await running).json('Next')).toMatchObject([{ deleted: 1 }]);
	});

	test('stops the cleanup when it is lost, before the next delete', async () => {
		const ids = daily(12);
		drive.simulator.faultFor = ({ method }) => {
			if (method === 'PATCH') return faults.code(13000309, 'resource does not exist', 400);
			return method === 'DELETE' ? faults.status(429, { 'Retry-After': '50' }) : undefined;
		};
		const executed = await duringFirstDelete(5 * MINUTE);
		expect(errorOf(executed).message).toContain('skipped; the backup lock was lost at ');
		expect(left()).toEqual(ids);
		const [lockId] = drive.simulator.locks.alive;
		drive.simulator.locks.release(lockId!);
		expect(sent()).not.toContain('DELETE lock');
	});

	test('is not mistaken for the record when it has expired', async () => {
		const ids = daily(9);
		drive.simulator.faultFor = (request) => {
			if (isDelete(request)) drive.simulator.locks.release(drive.simulator.locks.alive[0] ?? '');
			return undefined;
		};
		const { message } = errorOf(await deleteOld());
		expect(message).toContain("the backup or its lock doesn't exist or has expired");
		expect(left()).toEqual(ids);
	});

	test('is released, and the node succeeds, when the release fails', async () => {
		const ids = daily(8);
		drive.simulator.faultFor = ({ method, target }) =>
			method === 'DELETE' && target === LOCK ? faults.status(503) : undefined;
		const running = deleteOld();
		await until('the lock is being released', () => sent().at(-1) === 'DELETE lock');
		await drive.clock.advance(15 * SECOND);
		expect(deletedIn(await running)).toEqual([ids[7]]);
		drive.simulator.locks.release(drive.simulator.locks.alive[0]!);
	});

	test('is released when the user stops the execution', async () => {
		const ids = daily(12);
		let deletes = 0;
		drive.simulator.faultFor = (request) =>
			isDelete(request) && ++deletes > 2 ? faults.silence() : undefined;
		const execution = await drive.engine.start(workflow(), drive.credential);
		await until('the third record is being deleted', () => deletes === 3);
		execution.cancel();
		const { run } = await execution.finished;
		expect(sent().at(-1)).toBe('DELETE lock');
		expect(run.status).toBe('canceled');
		expect(sent().filter((request) => /^DELETE \d/.test(request))).toHaveLength(3);
		expect(left().length).toBeGreaterThanOrEqual(ids.length - 3);
	});
});

describe('several items', () => {
	test('neither delete twice nor fail when they are the same', async () => {
		const ids = daily(9);
		const executed = await deleteOld({}, [{}, {}, {}]);
		expect(deletedIn(executed)).toEqual([ids[8], ids[7]]);
		expect(executed.json('Next').map(({ deleted }) => deleted)).toEqual([2, 0, 0]);
		expect(sent().filter((request) => /^DELETE \d/.test(request))).toHaveLength(2);
	});

	test('hold one lock at a time, at Max Concurrency 1 too', async () => {
		const [one, two] = [daily(9, 'one'), daily(9, 'two')];
		let most = 0;
		drive.simulator.faultFor = () => {
			most = Math.max(most, drive.simulator.locks.alive.length);
			return undefined;
		};
		const parameters = { deviceId: byId('={{ $json.device }}') };
		const items = [{ device: 'one' }, { device: 'two' }];
		const executed = await deleteOld({ ...parameters, options: { maxConcurrency: 1 } }, items);
		expect(deletedIn(executed)).toEqual([one[8], one[7], two[8], two[7]]);
		expect(most).toBe(1);
	});

	const ofDevices = (count: number) =>
		Array.from({ length: count }, (_, number) => {
			daily(2, `${number}`);
			return { device: `${number}` };
		});
	const each = { deviceId: byId('={{ $json.device }}'), retention: { keepLast: 1 } };

	test('are all cleaned up where more wait for the lock than may have begun', async () => {
		const executed = await deleteOld({ ...each, options: { maxConcurrency: 1 } }, ofDevices(150));
		expect(deletedIn(executed)).toHaveLength(150);
	});

	test('that wait for the lock create none after a stop', async () => {
		drive.simulator.faultFor = (request) => (isDelete(request) ? faults.silence() : undefined);
		const execution = await drive.engine.start(workflow(each, ofDevices(3)), drive.credential);
		await until('a record is being deleted', () => drive.simulator.requests.some(isDelete));
		execution.cancel();
		await execution.finished;
		expect(sent().filter((request) => request === 'POST lock')).toHaveLength(1);
	});
});

describe('invalid input', () => {
	test.each<[IDataObject, string]>([
		[keep({}), "'Retention' must keep at least one backup."],
		[keep({ keepLast: 0, keepDaily: 0 }), "'Retention' must keep"],
		[{ retention: '={{ $json.nothing }}' }, "'Retention' must keep"],
		[keep({ keepLast: '={{ $json.nothing }}', keepMonthly: 12 }), 'Keep Last'],
		[keep({ keepLast: '={{ null }}', keepMonthly: 12 }), 'Keep Last'],
		[keep({ keepLast: '={{ "" }}', keepMonthly: 12 }), 'Keep Last'],
		[keep({ keepLast: '={{ " " }}', keepMonthly: 12 }), 'Keep Last'],
		[keep({ keepLast: 1, keepDaily: '' }), 'Keep Daily'],
		[keep({ keepLast: 1 }, { dryRun: '={{ $json.nothing }}' }), 'Dry Run'],
		[keep({ keepLast: 1 }, { deleteIncompleteAfter: '={{ $json.nothing }}' }), 'Delete Incomplete'],
		[keep({ keepLast: -1 }), 'Keep Last'],
		[keep({ keepDaily: 1.5 }), 'Keep Daily'],
		[keep({ keepMonthly: '={{ "many" }}' }), 'Keep Monthly'],
		[keep({ keepLast: 1 }, { dryRun: '={{ "maybe" }}' }), 'Dry Run'],
		[keep({ keepLast: 1 }, { deleteIncompleteAfter: 0 }), 'Delete Incomplete After'],
		[keep({ keepLast: 1 }, { deleteIncompleteAfter: '={{ "" }}' }), 'Delete Incomplete After'],
		[{ moduleCode: '7' }, 'Backup Type'],
		[{ deviceId: byId('={{ $json.nothing }}') }, 'Device'],
		[{ deviceId: byId('={{ 7 }}') }, 'Device'],
		[{ deviceId: byId('={{ "" }}') }, 'Device'],
	])('is rejected before anything is sent: %j', async (parameters, complaint) => {
		daily(9);
		expect(errorOf(await deleteOld(parameters)).message).toContain(complaint);
		expect(sent()).toEqual([]);
	});

	test('accepts numbers and switches as text', async () => {
		const ids = daily(3);
		const options = { dryRun: '={{ "true" }}' };
		const executed = await deleteOld(keep({ keepLast: '={{ " 2 " }}' }, options));
		expect(toDeleteIn(executed)).toEqual([ids[2]]);
	});

	test('includes a device that is not selected', async () => {
		await expect(deleteOld({ deviceId: byId('') })).rejects.toThrow();
		expect(sent()).toEqual([]);
	});

	test('includes a time zone that does not exist', async () => {
		daily(9);
		const { message } = errorOf(await deleteOld({}, [{}], {}, 'Mars/Olympus'));
		expect(message).toContain('timezone "Mars/Olympus" isn\'t valid');
		expect(sent()).toEqual([]);
	});
});

test('handles 3,000 backups', async () => {
	const ids = Array.from({ length: 3_000 }, (_, hours) =>
		backup(new Date(NOW - hours * HOUR).toISOString()),
	);
	const policy = { keepLast: 1, keepDaily: 500, keepWeekly: 500, keepMonthly: 500 };
	const executed = await deleteOld(keep(policy, { dryRun: true }));
	expect(toDeleteIn(executed)).toHaveLength(ids.length - 126);
});
