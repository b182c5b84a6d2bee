import { bytes } from '../engine/files';
import { DAY, MINUTE } from '../setup';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { expectBackup, expectRestored, outcomeOf, useTransfers } from './transfers';

/* A KooDrive that says the same in another way, or more than it was asked for. */

const transfers = useTransfers();
const { drive, backUp, restore, run } = transfers;

const files = ['a', 'b', 'c'].map((name, index) => ({ content: bytes(index + 7, index), name }));

const deleteOld = async () => await run([], { operation: 'deleteOld', retention: { keepLast: 1 } });

test.each<[string, Fault, RegExp]>([
	['numbers as text', faults.numbersAsText(), /record|files/],
	['`code` as text where the files are', faults.codeAsText(), /\/file$|\/files\//],
])('writes %s: all operations do the same', async (_what, fault, targets) => {
	drive.simulator.faultFor = ({ target }) => (targets.test(target) ? fault : undefined);
	for (let night = 0; night < 2; night++) {
		expectBackup(await backUp(files), files, transfers);
		drive.simulator.clock.advance(DAY);
	}
	await expectRestored(await restore(), files);
	const verified = await run([], { operation: 'verify', source: 'latest' });
	expect(verified.json('Next')).toMatchObject([{ files: 3 }]);
	expect((await deleteOld()).json('Next')).toMatchObject([{ deleted: 1, kept: 1 }]);
	expect(drive.simulator.records.records.size).toBe(1);
});

test('lists all records, whatever was asked for: the backup of the device is restored', async () => {
	await backUp(files);
	drive.simulator.clock.advance(MINUTE);
	const { records } = drive.simulator;
	records.create('101', transfers.deviceId, { status: 1 });
	records.create('100', 'another device', { status: 1 });
	records.ignoresFilters = true;
	await expectRestored(await restore(), files);
});

test.each(['empty pages', 'the last page'] as const)(
	'lists %s without end: Restore fails soon, and nothing is deleted',
	async (endsWith) => {
		await backUp(files);
		drive.simulator.records.endsWith = endsWith;
		drive.simulator.requests.length = 0;
		expect(outcomeOf(await restore())).not.toBe('success');
		expect(outcomeOf(await deleteOld())).not.toBe('success');
		expect(drive.simulator.requests.length).toBeLessThan(50);
	},
);
