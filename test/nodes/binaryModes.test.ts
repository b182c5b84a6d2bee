import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';

import { HELD_FILES } from '#dist/nodes/KooDriveBackup/transfer/transfer';
import { testKnownBytes } from '../compatibility/versions';
import type { BinaryMode } from '../engine/files';
import { bytes, useBinaryMode } from '../engine/files';
import { faults } from '../simulator';
import { expectBackup, expectRestored, explanationOf, MIB, useTransfers } from './transfers';

/* Where n8n keeps binary data decides how much of it n8n holds in memory. */

const transfers = useTransfers();
const { drive, backUp, restore } = transfers;

const files = Array.from({ length: 8 }, (_, index) => ({
	content: bytes(MIB, index),
	name: `${index}`,
}));

beforeEach(() => {
	jest.replaceProperty(HELD_FILES, 'most', 2.5 * MIB);
	drive.simulator.line.roundTrip = 1_000;
});

describe.each<[BinaryMode, number]>([
	['filesystem', 8],
	['database', 2],
	['memory', 2],
])('in the mode %s', (mode, most) => {
	beforeEach(async () => await useBinaryMode(mode));

	testKnownBytes(`up to ${most} of 8 files are in transfer at a time`, async () => {
		const { store } = drive.simulator;
		expectBackup(await backUp(files), files, transfers);
		expect(store.mostInFlight).toBe(most);
		store.mostInFlight = 0;
		await expectRestored(await restore(), files);
		// While the mode isn't known, it may be one that holds files.
		expect(store.mostInFlight).toBe(mode === 'filesystem' ? 6 : 2);
	});

	test('a file that is larger than all in transfer may be is transferred', async () => {
		const large = [{ content: bytes(3 * MIB), name: 'large' }, ...files.slice(0, 3)];
		expectBackup(await backUp(large), large, transfers);
		await expectRestored(await restore(), large);
	});
});

describe("a file that is too large for n8n's binary data mode", () => {
	const GIB = 1024 ** 3;

	test.each<[BinaryMode, number]>([
		['database', GIB],
		['memory', 402_653_166],
	])('is not downloaded once the mode is known: %s', async (mode, longest) => {
		await useBinaryMode(mode);
		await backUp(files.slice(0, 2));
		drive.simulator.faultFor = ({ target }) =>
			/\/files\?/.test(target)
				? faults.changeData((file) => ({
						...file,
						...(file.fileName === '1' && { size: longest + 1 }),
					}))
				: undefined;
		const explanation = explanationOf(await restore());
		expect(explanation).toContain('"1" couldn\'t be downloaded');
		expect(explanation).toContain("too large for n8n's binary data mode");
		expect(explanation).toContain('N8N_DEFAULT_BINARY_DATA_MODE to filesystem or s3');
		expect(transfers.sent('GET')).toHaveLength(1);
	});

	test('is explained where n8n rejects it', async () => {
		await useBinaryMode('database');
		await backUp(files.slice(0, 1));
		const text = 'its size of 600 MB exceeds the max size limit of 512 MB set for `database` mode.';
		jest.spyOn(Container.get(BinaryDataService), 'store').mockRejectedValueOnce(new Error(text));
		expect(explanationOf(await restore())).toMatch(/too large for n8n's .*512 MB/s);
	});
});
