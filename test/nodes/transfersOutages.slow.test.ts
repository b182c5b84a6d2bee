import type { IDataObject } from 'n8n-workflow';

import { bytes } from '../engine/files';
import { byId, MINUTE } from '../setup';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import {
	expectBackup,
	expectNothingLeft,
	explanationOf,
	MIB,
	outcomeOf,
	useTransfers,
} from './transfers';

const transfers = useTransfers();
const { drive, backUp, run, sent, seconds } = transfers;

const COUNT = 64;
const files = Array.from({ length: COUNT }, (_, index) => ({
	content: bytes(1_000, index + 1),
	name: `${index}`,
}));

/** A complete backup of all files. */
function stored(): string {
	const { recordId } = drive.simulator.records.create('100', transfers.deviceId, { status: 1 });
	for (const { name, content } of files) {
		drive.simulator.files.add(recordId, { fileName: name, content });
	}
	return recordId;
}

/** Operations that transfer 64 files, each with what they need. */
const operations: Record<string, () => Promise<unknown>> = {
	'Back Up': async () => await backUp(files),
	Restore: async () => {
		stored();
		return await run([], { operation: 'restore', source: 'latest' });
	},
	Upload: async () => {
		const lockId = drive.simulator.locks.create('100');
		const { recordId } = drive.simulator.records.create('100', transfers.deviceId);
		// Nothing renews the lock here.
		drive.simulator.locks.isAlive = () => true;
		return await run(files, {
			resource: 'file',
			operation: 'upload',
			recordId: byId(recordId),
			lockId,
		});
	},
	Download: async () => {
		const recordId = byId(stored());
		const listed = drive.simulator.records.files.get(recordId.value as string)!;
		const items = listed.map(({ fileId }) => ({ json: { fileId } }));
		return await runItems(items, {
			resource: 'file',
			operation: 'download',
			recordId,
			fileId: '={{ $json.fileId }}',
		});
	},
};

async function runItems(items: Array<{ json: IDataObject }>, parameters: IDataObject) {
	return await drive.runRecord(
		parameters,
		items.map(({ json }) => json),
	);
}

const outages: Array<[string, number, Fault | 'unreachable']> = [
	['rejects everything', 10, faults.status(503)],
	['resets everything', 10, faults.reset()],
	['is unreachable', 10, 'unreachable'],
	['accepts everything and never responds', 15, faults.noResponse('stall')],
];

describe.each(Object.entries(operations))('%s of many files', (_name, operate) => {
	test.each(outages)(
		'ends if the store %s for good, within %d minutes',
		async (_what, minutes, fault) => {
			const { store } = drive.simulator;
			// However short the links live.
			store.linkLifetime = 600;
			if (fault === 'unreachable') store.linkOrigin = 'http://127.0.0.1:9';
			else store.faultFor = () => fault;
			const executed = (await operate()) as Awaited<ReturnType<typeof backUp>>;
			expect(outcomeOf(executed)).not.toBe('success');
			expect(explanationOf(executed)).toMatch(/object store/);
			expect(seconds()).toBeLessThan(minutes * 60);
		},
	);
});

test.each<[string, number, Fault]>([
	['resets', 10, faults.reset(MIB / 2)],
	['stalls', 15, faults.stall(MIB / 2)],
])(
	'a backup ends if the store %s each part in its middle, within %d minutes',
	async (_what, minutes, fault) => {
		drive.simulator.store.faultFor = () => fault;
		const large = files.slice(0, 20).map((file) => ({ ...file, content: bytes(2 * MIB) }));
		expect(explanationOf(await backUp(large))).toMatch(/object store/);
		expect(seconds()).toBeLessThan(minutes * 60);
	},
);

test('ends if nothing of KooDrive is reached while it uploads', async () => {
	drive.simulator.store.faultFor = () => {
		drive.simulator.faultFor = () => faults.status(503);
		return undefined;
	};
	const executed = await backUp(files);
	expect(outcomeOf(executed)).not.toBe('success');
	expect(seconds()).toBeLessThan(10 * 60 + 60);
});

test('survives an outage of eight minutes in which links expire', async () => {
	drive.simulator.store.linkLifetime = 300;
	const ends = drive.clock.monotonic() + 8 * MINUTE;
	drive.simulator.store.faultFor = () =>
		drive.clock.monotonic() < ends ? faults.status(503) : undefined;
	expectBackup(await backUp(files), files, transfers);
});

test('sends nothing the second night on which every file is stored already', async () => {
	await backUp(files);
	drive.simulator.store.requests.length = 0;
	drive.simulator.store.faultFor = () => faults.status(503);
	expectBackup(await backUp(files), files, transfers);
	expect(sent('PUT')).toEqual([]);
});

test('a file that keeps failing ends the backup, although the others get through', async () => {
	drive.simulator.store.faultFor = ({ headers }) =>
		headers['content-length'] === '999' ? faults.reset() : undefined;
	const many = [{ content: bytes(999), name: 'bad' }, ...files];
	const executed = await backUp(many);
	expect(outcomeOf(executed)).toContain('"bad" couldn\'t be uploaded');
	expectNothingLeft(transfers);
	expect(seconds()).toBeLessThan(10 * 60);
});
