import type { IDataObject, INode } from 'n8n-workflow';

import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import type { Executed, Execution } from '../engine';
import type { BinaryMode, GivenFile } from '../engine/files';
import { bytesOf, filesWorkflow, sha256, useBinaryMode } from '../engine/files';
import type { KooDrive } from '../setup';
import { byId, errorOf, useKooDrive } from '../setup';
import type { RecordedRequest } from '../simulator';

export const MIB = 1024 * 1024;

/** What the tests of transfers work with; new for each test. */
export interface Transfers {
	drive: KooDrive;
	deviceId: string;
	/** Backs up these files, one for each item. */
	backUp: (files: GivenFile[], options?: IDataObject) => Promise<Executed>;
	/** Restores the latest backup. */
	restore: (options?: IDataObject) => Promise<Executed>;
	/** Runs an operation of KooDrive Backup on items with these files. */
	start: (
		files: GivenFile[],
		parameters: IDataObject,
		settings?: Partial<INode>,
	) => Promise<Execution>;
	run: (
		files: GivenFile[],
		parameters: IDataObject,
		settings?: Partial<INode>,
	) => Promise<Executed>;
	/** The requests that reached the object store with a method. */
	sent: (method: 'PUT' | 'GET') => RecordedRequest[];
	/** Simulated seconds since the test began, or since this was called before. */
	seconds: () => number;
}

/** @param partSize bytes of a part in these tests, in whole MiB */
export function useTransfers(mode: BinaryMode = 'filesystem', partSize = MIB): Transfers {
	const drive = useKooDrive();
	const transfers = { drive } as Transfers;
	const usualSize = PARTS.size;
	let since = 0;
	beforeEach(async () => {
		PARTS.size = drive.simulator.files.smallestPart = partSize;
		await useBinaryMode(mode);
		since = drive.clock.monotonic();
		transfers.deviceId = drive.simulator.devices.bind('n8n', 'server-1', 'Linux').deviceId;
	});
	afterEach(() => {
		PARTS.size = usualSize;
		jest.restoreAllMocks();
	});
	transfers.start = async (files, parameters, settings) => {
		const items = files.length > 0 ? files.map((file) => ({ files: [file] })) : [{}];
		const workflow = filesWorkflow(
			drive.engine,
			items,
			{
				resource: 'backup',
				moduleCode: '100',
				deviceId: byId(transfers.deviceId),
				...parameters,
			},
			settings,
		);
		return await drive.engine.start(workflow, drive.credential);
	};
	transfers.run = async (...given) => await (await transfers.start(...given)).finished;
	transfers.backUp = async (files, options = {}) =>
		await transfers.run(files, { operation: 'backUp', options });
	transfers.restore = async (options = {}) =>
		await transfers.run([], { operation: 'restore', source: 'latest', options });
	transfers.sent = (method) =>
		drive.simulator.store.requests.filter((request) => request.method === method);
	transfers.seconds = () => {
		const before = since;
		since = drive.clock.monotonic();
		return (since - before) / 1000;
	};
	return transfers;
}

/** What stopped an execution, or `success`. */
export function outcomeOf({ run }: Executed): string {
	return run.data.resultData.error?.message ?? run.status;
}

/** All that an error says. */
export function explanationOf(executed: Executed): string {
	const { message, description } = errorOf(executed);
	return `${message}\n${description}`;
}

/** Expects that a backup is complete and has exactly these files. */
export function expectBackup(executed: Executed, files: GivenFile[], { drive }: Transfers): void {
	expect(outcomeOf(executed)).toBe('success');
	const { recordId } = executed.json('Next')[0]!;
	const { records, files: stored } = drive.simulator;
	expect(records.records.get(String(recordId))).toMatchObject({ status: 1 });
	const hashes = records.files
		.get(String(recordId))!
		.map(({ fileId }) => [stored.get(fileId)!.shown.fileName, stored.content(fileId)!.sha256]);
	expect(hashes.sort()).toEqual(files.map(({ name, content }) => [name, sha256(content)]).sort());
	expect(drive.simulator.locks.alive).toEqual([]);
}

/** Expects that the files arrived byte for byte, with the names that they had. */
export async function expectRestored(executed: Executed, files: GivenFile[]): Promise<void> {
	expect(outcomeOf(executed)).toBe('success');
	const arrived = executed
		.items('Next')
		.map(async ({ binary }, index) => [
			binary!.data!.fileName,
			sha256(await bytesOf(executed, 'Next', index)),
		]);
	const expected = files.map(({ name, content }) => [name, sha256(content)]);
	expect((await Promise.all(arrived)).sort()).toEqual(expected.sort());
}

/** What a backup that failed must leave: no record and no lock. */
export function expectNothingLeft({ drive }: Transfers): void {
	expect([...drive.simulator.records.records.values()]).toEqual([]);
	expect(drive.simulator.locks.alive).toEqual([]);
}

export function sum(numbers: number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
