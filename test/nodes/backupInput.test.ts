import type { IDataObject, INode } from 'n8n-workflow';

import { testBinaryMode } from '../compatibility/versions';
import type { Executed } from '../engine';
import type { GivenFile } from '../engine/files';
import { bytes, filesWorkflow, sha256 } from '../engine/files';
import { byId, errorOf } from '../setup';
import { faults } from '../simulator';
import { explanationOf, outcomeOf, useTransfers } from './transfers';

/* What Back Up takes of its input, and what it says of the rest. */

const transfers = useTransfers();
const { drive } = transfers;

const file = (field: string, name = field): GivenFile => ({
	content: Buffer.from(name),
	field,
	name,
});

async function backUp(
	items: GivenFile[][],
	parameters: IDataObject = {},
	settings: Partial<INode> = {},
	workflowSettings: IDataObject = {},
): Promise<Executed> {
	const workflow = filesWorkflow(
		drive.engine,
		items.map((files) => ({ files })),
		{
			resource: 'backup',
			operation: 'backUp',
			moduleCode: '100',
			deviceId: byId(transfers.deviceId),
			...parameters,
		},
		settings,
	);
	return await drive.engine.run({ ...workflow, settings: workflowSettings }, drive.credential);
}

const backedUp = () =>
	[...drive.simulator.records.files.values()]
		.flat()
		.map(({ fileName }) => fileName)
		.sort();
const hintsOf = ({ run }: Executed) =>
	run.data.resultData.runData
		.KooDrive!.flatMap(({ hints = [] }) => hints)
		.map(({ message }) => message);

describe("'Input Data Field Name'", () => {
	test('takes all binary fields unless it says otherwise', async () => {
		const executed = await backUp([
			[file('data'), file('data_1'), file('data_2')],
			[file('other')],
		]);
		expect(outcomeOf(executed)).toBe('success');
		expect(backedUp()).toEqual(['data', 'data_1', 'data_2', 'other']);
		expect(hintsOf(executed)).toHaveLength(1);
	});

	test.each([
		['data', ['data'], 2],
		['data, data_1', ['data', 'data_1'], 1],
		['data*', ['data', 'data_1'], 1],
		['oth?r, d*a', ['data', 'other'], 1],
	])('%s takes %j, and the hint counts the rest', async (binaryPropertyName, expected, rest) => {
		const fields = [file('data'), file('data_1'), file('other')];
		const executed = await backUp([fields], { binaryPropertyName });
		expect(backedUp()).toEqual(expected);
		expect(hintsOf(executed)[1]).toMatch(`Left out ${rest} binary field`);
	});

	test.each([
		[
			'an item without a matching field',
			[[file('data')], [file('other')]],
			'data',
			'Item 1 has only',
		],
		['an item without binary data', [[file('data')], []], '*', 'Item 1 has no binary data'],
		['a name that no item has', [[file('data')]], 'data, report', "contains 'report'"],
	])('rejects %s', async (_what, items, binaryPropertyName, message) => {
		const error = errorOf(await backUp(items, { binaryPropertyName }));
		expect(error.message).toContain(message);
		expect(drive.simulator.requests).toEqual([]);
	});

	test("says that the previous node found no files, with 'Always Output Data' on", async () => {
		const error = errorOf(await backUp([[]]));
		expect(error.message).toContain('the previous node found no files');
		expect(error.message).not.toContain("'data'");
		expect(drive.simulator.requests).toEqual([]);
	});
});

describe('binary data inside json, as with the binary mode "combined"', () => {
	const combined = { binaryMode: 'combined' };
	const items = [[file('data'), file('data_1')], [file('data')]];

	testBinaryMode.each([
		['*', ['data', 'data (2)', 'data_1']],
		['data', ['data', 'data (2)']],
		['_files.data', ['data', 'data (2)']],
		['data, data_1', ['data', 'data (2)', 'data_1']],
	])('is backed up: %s', async (binaryPropertyName, expected) => {
		const executed = await backUp(items, { binaryPropertyName }, {}, combined);
		expect(executed.items('Items')[0]!.binary).toBeUndefined();
		expect(outcomeOf(executed)).toBe('success');
		expect(backedUp()).toEqual(expected);
	});

	test('is uploaded', async () => {
		const lockId = drive.simulator.locks.create('100');
		const { recordId } = drive.simulator.records.create('100', transfers.deviceId);
		const executed = await backUp(
			[[file('data')]],
			{
				resource: 'file',
				operation: 'upload',
				binaryPropertyName: 'data',
				recordId: byId(recordId),
				lockId,
			},
			{},
			combined,
		);
		expect(outcomeOf(executed)).toBe('success');
		expect(backedUp()).toEqual(['data']);
	});
});

test("selects by 'File Names', and says how many are left out", async () => {
	const files = ['a.pdf', 'b.tmp', 'c.pdf'].map((name) => [
		{ ...file('data', name), directory: '/x' },
	]);
	const executed = await backUp(files, { options: { fileNames: 'x/*, !*.tmp' } });
	expect(backedUp()).toEqual(['a.pdf', 'c.pdf']);
	expect(hintsOf(executed)).toContain("Left out 1 file, because of 'File Names'.");
	const error = errorOf(await backUp(files, { options: { fileNames: '*.doc' } }));
	expect(error.message).toContain('"*.doc"');
});

test('warns of a loop, in which each round makes a backup', async () => {
	const workflow = filesWorkflow(drive.engine, [{ files: [file('data')] }], {
		resource: 'backup',
		operation: 'backUp',
		moduleCode: '100',
		deviceId: byId(transfers.deviceId),
	});
	// The node runs once for each connection to it.
	const once = workflow.connections.Trigger!.main![0]!;
	workflow.connections.Trigger = { main: [[...once, ...once]] };
	const executed = await drive.engine.run(workflow, drive.credential);
	expect([...drive.simulator.records.records.values()]).toHaveLength(2);
	expect(hintsOf(executed).filter((hint) => hint.includes('loop'))).toEqual([
		'This is backup 2 of this execution. Place the node behind the loop to make one backup.',
	]);
});

test('the rate counts what was sent, and is left out where it would say nothing', async () => {
	const files = [1, 2, 3].map((seed) => ({
		content: bytes(40_000, seed),
		field: `data_${seed}`,
		name: String(seed),
	}));
	const hintOf = async (given: GivenFile[]) => hintsOf(await backUp([given]))[0];
	const stored = files.slice(1);
	expect(await hintOf(stored)).toBe('Backed up 2 files (80.0 kB) in less than 1 s.');
	let requests = 0;
	const busy = faults.status(503, { 'Retry-After': '5' });
	drive.simulator.faultFor = () => (requests++ === 0 ? busy : undefined);
	expect(await hintOf(stored)).toMatch(
		/^Backed up 2 files \(80\.0 kB\) in [5-7][.\d]* s\. KooDrive stored the content of 2 /,
	);
	requests = 0;
	expect(await hintOf(files)).toMatch(
		/^Backed up 3 files \(120\.0 kB\) in [5-7][.\d]* s \([5-8]\.\d kB\/s\)\. KooDrive stored the content of 2 /,
	);
});

test('Upload names the file that it could not upload', async () => {
	const lockId = drive.simulator.locks.create('100');
	const executed = await backUp([[file('data', 'report.pdf')]], {
		resource: 'file',
		operation: 'upload',
		recordId: byId('1842862763295184000'),
		binaryPropertyName: 'data',
		lockId,
	});
	expect(explanationOf(executed)).toContain('"report.pdf" couldn\'t be uploaded');
});

describe('binary data that a Code node has written', () => {
	const content = bytes(200);
	const lines = content.toString('base64').replace(/(.{76})/g, '$1\r\n');

	test.each([
		['in lines, as in an e-mail', { id: undefined, data: lines }],
		['with an empty ID', { id: '', data: content.toString('base64') }],
	])('is backed up as it is: %s', async (_what, more) => {
		expect(outcomeOf(await backUp([[{ content, name: 'a', more }]]))).toBe('success');
		const [stored] = [...drive.simulator.records.files.values()].flat();
		expect(stored).toMatchObject({ size: 200, sha256: sha256(content) });
	});

	test.each([{ data: undefined }, { data: 7 }, { id: 7 }])(
		'must contain a file: %j',
		async (more) => {
			const odd = { content, name: 'b', field: 'odd', more: { id: undefined, ...more } };
			const executed = await backUp([[file('data')], [file('data'), odd]]);
			expect(outcomeOf(executed)).toContain("Item 1 has a binary field 'odd' without a file.");
			expect(drive.simulator.requests).toEqual([]);
		},
	);
});
