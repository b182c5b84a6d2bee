import { bytes } from '../engine/files';
import { errorOf, SECOND } from '../setup';
import type { RecordedRequest } from '../simulator';
import { faults } from '../simulator';
import { until } from '../until';
import { expectNothingLeft, explanationOf, outcomeOf, useTransfers } from './transfers';

/* How a backup ends: complete, with nothing left, or with what is left named. */

const transfers = useTransfers();
const { drive, backUp, start, seconds } = transfers;

const FILES = [{ content: bytes(9), name: 'a' }];

const records = () => [...drive.simulator.records.records.values()];
const isOnRecord = ({ method, target }: RecordedRequest, wanted: string) =>
	method === wanted && /\/record\/\d+$/.test(target);
const deletions = () => drive.simulator.requests.filter((request) => isOnRecord(request, 'DELETE'));

describe('a record that was completed', () => {
	/** Has KooDrive show a status of the record for so many milliseconds after its completion. */
	function showStatus(status: unknown, milliseconds: number): void {
		let end = Infinity;
		drive.simulator.faultFor = (request) => {
			if (isOnRecord(request, 'PATCH')) end = drive.clock.monotonic() + milliseconds;
			const isShown = isOnRecord(request, 'GET') && drive.clock.monotonic() < end;
			return isShown ? faults.changeData((record) => ({ ...record, status })) : undefined;
		};
	}

	test.each([0, '0', 2])(
		'is read until it shows that, if it has status %j for 4 s',
		async (status) => {
			showStatus(status, 4 * SECOND);
			const executed = await backUp(FILES);
			expect(outcomeOf(executed)).toBe('success');
			expect(executed.json('Next')).toMatchObject([{ status: 1, files: 1 }]);
		},
	);

	test('is read although another copy of the data does not have it yet', async () => {
		let reads = 0;
		drive.simulator.faultFor = (request) =>
			isOnRecord(request, 'GET') && ++reads < 3 ? faults.code(13000309, 'none', 400) : undefined;
		expect(outcomeOf(await backUp(FILES))).toBe('success');
	});

	test.each([0, 2])(
		'fails the backup, and stays, if it has status %j for 9 minutes',
		async (status) => {
			showStatus(status, Infinity);
			const error = errorOf(await backUp(FILES));
			const { recordId } = records()[0]!;
			expect(error.message).toContain(`doesn't show it (record "${recordId}")`);
			const duration = seconds();
			expect(duration).toBeGreaterThanOrEqual(540);
			expect(duration).toBeLessThan(600);
			expect(deletions()).toEqual([]);
			expect(drive.simulator.locks.alive).toEqual([]);
		},
	);

	test('is read for 15 s after a stop, and named in the log', async () => {
		showStatus(0, Infinity);
		const { faultFor } = drive.simulator;
		const execution = await start(FILES, { operation: 'backUp' });
		drive.simulator.faultFor = (request) => {
			if (isOnRecord(request, 'GET')) execution.cancel();
			return faultFor(request);
		};
		expect((await execution.finished).run.status).toBe('canceled');
		await until('the lock is released', () => drive.simulator.locks.alive.length === 0);
		expect(seconds()).toBeLessThan(30);
		expect(deletions()).toEqual([]);
		const text = `Record ${records()[0]!.recordId} wasn't deleted.`;
		expect(drive.engine.log).toContainEqual(expect.stringContaining(text));
	});

	test("stays if it's unknown whether it's complete", async () => {
		drive.simulator.faultFor = (request) =>
			isOnRecord(request, 'PATCH') ? faults.resetBefore() : undefined;
		const explanation = explanationOf(await backUp(FILES));
		expect(explanation).toContain(`unknown whether record ${records()[0]!.recordId} is complete`);
		expect(deletions()).toEqual([]);
	});
});

describe('a record that is left', () => {
	const fail = () =>
		(drive.simulator.store.faultFor = () => faults.storeError(400, 'EntityTooSmall'));

	test('is named if KooDrive says that it does not exist because the lock does not', async () => {
		fail();
		drive.simulator.faultFor = (request) => {
			if (isOnRecord(request, 'DELETE'))
				drive.simulator.locks.release(drive.simulator.locks.alive[0]!);
			return undefined;
		};
		const explanation = explanationOf(await backUp(FILES));
		const { recordId } = records()[0]!;
		expect(explanation).toContain(`The incomplete record ${recordId} couldn't be deleted`);
		expect(drive.engine.log).toContainEqual(expect.stringContaining(recordId));
	});

	test('is not named if it was deleted, though the response was lost', async () => {
		fail();
		drive.simulator.faultFor = (request) =>
			isOnRecord(request, 'DELETE') && deletions().length === 1 ? faults.resetDuring() : undefined;
		const explanation = explanationOf(await backUp(FILES));
		expect(explanation).not.toContain('incomplete record');
		expectNothingLeft(transfers);
	});

	test('is named in the log after a stop', async () => {
		const execution = await start(FILES, { operation: 'backUp' });
		drive.simulator.store.faultFor = () => void execution.cancel();
		drive.simulator.faultFor = (request) =>
			isOnRecord(request, 'DELETE') ? faults.status(503) : undefined;
		expect((await execution.finished).run.status).toBe('canceled');
		await until('it is named', () => drive.engine.log.length > 0);
		const text = `The incomplete record ${records()[0]!.recordId} couldn't be deleted`;
		expect(drive.engine.log).toContainEqual(expect.stringContaining(text));
		expect(seconds()).toBeLessThan(15);
	});
});

describe('a stop while KooDrive creates', () => {
	test.each([
		['the lock', /\/lock$/],
		['the record', /\/record$/],
	])('%s lets that finish, and cleans up', async (_what, path) => {
		const execution = await start(FILES, { operation: 'backUp' });
		drive.simulator.faultFor = ({ method, target }) => {
			if (method !== 'POST' || !path.test(target)) return undefined;
			execution.cancel();
			return faults.delay(200);
		};
		expect((await execution.finished).run.status).toBe('canceled');
		await until('nothing is left', () => drive.simulator.locks.alive.length === 0);
		expectNothingLeft(transfers);
		expect(drive.simulator.requests.some(({ method }) => method === 'DELETE')).toBe(true);
	});

	test('a record that no response comes for ends within 15 s', async () => {
		const execution = await start(FILES, { operation: 'backUp' });
		drive.simulator.faultFor = ({ method, target }) => {
			if (method !== 'POST' || !target.endsWith('/record')) return undefined;
			execution.cancel();
			return faults.noResponse('stall');
		};
		expect((await execution.finished).run.status).toBe('canceled');
		await until('the lock is released', () => drive.simulator.locks.alive.length === 0);
		expect(seconds()).toBeLessThan(15);
		const text = 'may have created an incomplete record';
		expect(drive.engine.log).toContainEqual(expect.stringContaining(text));
	});
});

test('a response that names no new record says that there may be one', async () => {
	drive.simulator.faultFor = ({ method, target }) =>
		method === 'POST' && target.endsWith('/record') ? faults.without('recordId') : undefined;
	expect(explanationOf(await backUp(FILES))).toContain('may have created an incomplete record');
});
