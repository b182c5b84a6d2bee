import { bytes } from '../engine/files';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { expectBackup, expectRestored, MIB, outcomeOf, useTransfers } from './transfers';

/* File creations that are carried out although their response is lost, and names that are taken. */

const transfers = useTransfers();
const { drive, backUp, restore, sent } = transfers;

const files = [
	{ content: bytes(9), name: 'small' },
	{ content: bytes(MIB + 1, 2), name: 'large' },
	{ content: bytes(0), name: 'empty' },
	{ content: bytes(10, 3), name: 'last' },
];

/** How a server may treat a name for which a file was created before. */
const servers: Array<[string, () => void]> = [
	['numbers it', () => undefined],
	[
		'numbers it, and lists files without their content',
		() => (drive.simulator.files.listsIncomplete = true),
	],
	[
		'rejects it, and lists files without their content',
		() => {
			drive.simulator.files.rejectsTakenNames = true;
			drive.simulator.files.listsIncomplete = true;
		},
	],
	[
		'rejects it, and lists complete files alone',
		() => (drive.simulator.files.rejectsTakenNames = true),
	],
];

/** The creation at a position, of all creations of files, meets a fault. */
function failCreation(position: number, fault: Fault): void {
	let creations = 0;
	drive.simulator.faultFor = ({ target }) =>
		target.endsWith('/file') && creations++ === position ? fault : undefined;
}

const lost: Array<[string, Fault]> = [
	['reset', faults.resetDuring()],
	['cut off', faults.cutOff()],
	['reset before a byte', faults.noResponse()],
];

describe.each(servers)('where the server %s,', (_server, prepare) => {
	beforeEach(prepare);

	test.each(lost.flatMap(([what, fault]) => [0, 1, 2, 3].map((at) => [at, what, fault] as const)))(
		'a backup is complete if the response to creation %d is %s',
		async (position, _what, fault) => {
			failCreation(position, fault);
			expect(outcomeOf(await backUp(files))).toBe('success');
			await expectRestored(await restore(), files);
		},
	);

	test.each([0, 1, 2, 3])('so it is the second night, position %d', async (position) => {
		await backUp(files);
		const changed = [...files.slice(0, 3), { content: bytes(11, 4), name: 'last' }];
		failCreation(position, faults.resetDuring());
		const executed = await backUp(changed);
		expect(outcomeOf(executed)).toBe('success');
		await expectRestored(await restore(), changed);
		expect(executed.json('Next')[0]).toMatchObject({ files: 4 });
	});
});

test('a file that was created before, and is another, gets another name', async () => {
	drive.simulator.files.rejectsTakenNames = true;
	drive.simulator.files.listsIncomplete = true;
	// Both have the name of the first.
	const same = files.map(({ content }) => ({ content, name: 'report.pdf' }));
	const executed = await backUp(same);
	expect(outcomeOf(executed)).toBe('success');
	const listed = [...drive.simulator.records.files.values()].at(-1)!;
	expect(new Set(listed.map(({ fileName }) => fileName)).size).toBe(4);
});

test('names that the server takes for equal are all backed up', async () => {
	const { files: stored } = drive.simulator;
	stored.rejectsTakenNames = true;
	stored.nameForm = (name) => name.replace(/[. ]+$/, '').toLowerCase();
	const names = ['notes', 'notes.', 'Notes', 'notes..', 'notes (2)'];
	const many = names.map((name, index) => ({ content: bytes(index + 1, index), name }));
	const executed = await backUp(many);
	expect(outcomeOf(executed)).toBe('success');
	expect(executed.json('Next')[0]).toMatchObject({ files: 5 });
	const restored = await restore();
	expect(
		restored
			.items('Next')
			.map(({ binary }) => binary!.data!.fileName)
			.sort(),
	).toEqual([...names].sort());
});

test('a server that compares names only when a file is complete', async () => {
	const { files: stored } = drive.simulator;
	stored.nameForm = (name) => name.toLowerCase();
	drive.simulator.faultFor = ({ target }) =>
		target.endsWith('/complete') && sent('PUT').length === 2
			? faults.code(13000405, 'duplicate name', 400)
			: undefined;
	const many = [
		{ content: bytes(9), name: 'a' },
		{ content: bytes(9, 2), name: 'b' },
	];
	const executed = await backUp(many, { parallelTransfers: 1 });
	expect(outcomeOf(executed)).toBe('success');
	expect(executed.json('Next')[0]).toMatchObject({ files: 2 });
});

test('a file that arrived damaged is never taken for complete, though it is listed and a response was lost', async () => {
	drive.simulator.files.listsIncomplete = true;
	drive.simulator.store.faultFor = () => faults.corrupt();
	let completions = 0;
	drive.simulator.faultFor = ({ target }) =>
		target.endsWith('/complete') && completions++ % 2 === 0 ? faults.noResponse() : undefined;
	expect(outcomeOf(await backUp(files.slice(0, 1)))).toContain('checksum');
	expect([...drive.simulator.records.records]).toEqual([]);
});

test.each<[string, (target: string) => boolean]>([
	['links', (target) => target.endsWith('/uploadUrl')],
	['completion of a file', (target) => target.endsWith('/complete')],
	['completion of the record', (target) => /\/record\/\d+$/.test(target)],
	['list of files', (target) => target.includes('/files?')],
	['lock', (target) => target.endsWith('/lock')],
	['record', (target) => target.endsWith('/record')],
])('a backup is complete although each first response with a %s is lost', async (_what, isIt) => {
	const seen = new Set<string>();
	drive.simulator.faultFor = ({ method, target, body }) => {
		const call = `${method} ${target} ${body}`;
		const isFirst = isIt(target) && !seen.has(call);
		seen.add(call);
		return isFirst ? faults.resetDuring() : undefined;
	};
	drive.simulator.store.failNext(faults.expired());
	const executed = await backUp(files);
	drive.simulator.faultFor = () => undefined;
	for (const lockId of drive.simulator.locks.alive) drive.simulator.locks.release(lockId);
	expectBackup(executed, files, transfers);
});
