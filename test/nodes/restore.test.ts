import { Readable } from 'node:stream';

import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IDataObject } from 'n8n-workflow';

import type { Executed } from '../engine';
import { bytes } from '../engine/files';
import type { RecordedRequest } from '../simulator';
import { faults } from '../simulator';
import { expectRestored, explanationOf, outcomeOf, useTransfers } from './transfers';

/* What Restore makes of a backup: exactly its files, under distinct names, or an error. */

const transfers = useTransfers();
const { drive, backUp, restore } = transfers;

const named = (...names: string[]) =>
	names.map((name, index) => ({ content: bytes(9, index), name }));
const isFileList = ({ target }: RecordedRequest) => /\/files\?/.test(target);
const lists = () => drive.simulator.requests.filter(isFileList);
const hintsOf = ({ run }: Executed) =>
	(run.data.resultData.runData.KooDrive?.[0]?.hints ?? []).map(({ message }) => message);

describe('a list of files', () => {
	test('that repeats one and skips another is read again', async () => {
		const files = named('a', 'b', 'c');
		await backUp(files);
		drive.simulator.faultFor = (request) =>
			isFileList(request) && lists().length === 1 ? faults.repeatEntry() : undefined;
		await expectRestored(await restore(), files);
		expect(lists()).toHaveLength(2);
	});

	test('that repeats one each time fails', async () => {
		await backUp(named('a', 'b', 'c'));
		drive.simulator.faultFor = (request) =>
			isFileList(request) ? faults.repeatEntry() : undefined;
		const executed = await restore();
		expect(explanationOf(executed)).toContain('list of the files of the backup is incomplete');
		expect(executed.items('Next')).toEqual([]);
		expect(transfers.sent('GET')).toEqual([]);
	});

	/** Has the record of the backup say how many files there are. */
	const summarize = (files: number) => {
		const [record] = drive.simulator.records.records.values();
		const { recordId } = record!;
		record!.properties = JSON.stringify({ n8n: { recordId, files, bytes: 0 } });
	};

	test('with fewer files than the backup has is read again, and fails then', async () => {
		await backUp(named('a', 'b'));
		summarize(3);
		expect(explanationOf(await restore())).toContain('it names 2 of 3 files');
		expect(lists()).toHaveLength(2);
	});

	test('with more entries than the backup has files is restored without those that have no content', async () => {
		const files = named('a', 'b');
		await backUp(files);
		summarize(2);
		drive.simulator.faultFor = (request) =>
			isFileList(request)
				? faults.change(({ data, ...body }) => ({
						...body,
						data: [...(data as IDataObject[]), { fileId: '1842000000000000000', fileName: 'c' }],
					}))
				: undefined;
		const executed = await restore();
		await expectRestored(executed, files);
		expect(hintsOf(executed)).toContainEqual(expect.stringContaining('Left out 1 entry'));
	});

	test('with more entries than files, of which some have no checksum, leaves none out', async () => {
		await backUp(named('a', 'b'));
		summarize(2);
		const extra = { fileId: '1842000000000000000', fileName: 'c', size: 0 };
		drive.simulator.faultFor = (request) =>
			isFileList(request)
				? faults.change(({ data, ...body }) => {
						const [first, second] = data as [IDataObject, IDataObject];
						return { ...body, data: [first, { ...second, sha256: undefined }, extra] };
					})
				: undefined;
		expect(explanationOf(await restore())).toContain('"c" couldn\'t be downloaded');
	});

	test.each([['size'], ['sha256'], ['size', 'sha256']])(
		'without %s returns the files as not checked',
		async (...missing) => {
			const files = named('a', 'b');
			await backUp(files);
			drive.simulator.faultFor = (request) =>
				isFileList(request) ? faults.without(...missing) : undefined;
			const executed = await restore();
			await expectRestored(executed, files);
			expect(executed.json('Next').map(({ checked }) => checked)).toEqual([false, false]);
			expect(hintsOf(executed)).toContainEqual(
				expect.stringContaining("no size or checksum of 2 files, so they couldn't be checked"),
			);
		},
	);
});

test('says which files were checked, and of when the backup is', async () => {
	await backUp(named('a'));
	const executed = await restore();
	const [record] = [...drive.simulator.records.records.values()];
	const createTime = record!.createTime;
	expect(executed.json('Next')).toMatchObject([{ checked: true, createTime }]);
	const [hint] = hintsOf(executed);
	expect(hint).toMatch(
		/^Restored 1 file \(9 bytes\) in less than 1 s, from the backup of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \(record \d+\)\.$/,
	);
});

describe('the name of a file', () => {
	const pathsOf = (executed: Executed) => executed.json('Next').map(({ path }) => path);

	test('is distinct if another one had the same, with its folder or without', async () => {
		const files = [
			...named('invoice.pdf', 'invoice.pdf', 'invoice (2).pdf'),
			{ content: bytes(3, 7), name: 'invoice.pdf', directory: '/srv/a' },
			{ content: bytes(3, 8), name: 'invoice.pdf', directory: '/srv/a' },
		];
		await backUp(files);
		const executed = await restore();
		const paths = [
			'invoice (2).pdf',
			'invoice (3).pdf',
			'invoice.pdf',
			'srv/a/invoice (2).pdf',
			'srv/a/invoice.pdf',
		];
		expect(pathsOf(executed).sort()).toEqual(paths);
		expect(
			executed.items('Next').map(({ json, binary }) => [json.path, binary!.data!.fileName]),
		).toEqual(pathsOf(executed).map((path) => [path, String(path).split('/').at(-1)]));
	});

	test.each([
		[`${'x'.repeat(251)}.pdf`],
		['a:b?.txt'],
		['back\\slash.txt'],
		['u\u0308ber.txt'],
		['.hidden'],
		['.'.repeat(3)],
	])('%j comes back, even if it occurred twice', async (name) => {
		await backUp([
			{ content: bytes(1), name, directory: '/a' },
			{ content: bytes(2), name, directory: '/b' },
		]);
		const executed = await restore();
		expect(executed.items('Next').map(({ binary }) => binary!.data!.fileName)).toEqual([
			name,
			name,
		]);
	});

	test.each([
		['C:\\Users\\me', 'Users/me/a'],
		['../../etc', 'etc/a'],
		['/./srv//data/', 'srv/data/a'],
		['', 'a'],
	])('does not lead out of a folder: a file of %j', async (directory, path) => {
		await backUp([{ content: bytes(1), name: 'a', directory }]);
		expect(pathsOf(await restore())).toEqual([path]);
	});

	test.each([
		[{ fileName: '../a' }, '_../a'],
		[{ fileName: '/etc/a' }, '_/etc/a'],
		[{ fileName: '..' }, '_..'],
		[{ fileName: 'b/..\\..\\a' }, 'b/.._.._a'],
		[{ fileName: '.._.._a', description: '..\\..\\a' }, '.._.._a'],
		[{ fileName: 'a', description: 'b\\..\\..//a' }, 'b/a'],
	])('does not lead out of a folder, whatever is listed: %j', async (listed, path) => {
		await backUp(named('a'));
		drive.simulator.faultFor = (request) =>
			isFileList(request) ? faults.changeData((file) => ({ ...file, ...listed })) : undefined;
		expect(pathsOf(await restore())).toEqual([path]);
	});

	test('may be a number', async () => {
		await backUp([{ content: bytes(1), more: { fileName: 2026 } }]);
		expect(pathsOf(await restore())).toEqual(['2026']);
	});

	test('is its ID if KooDrive lists none, and never the link', async () => {
		await backUp(named('a'));
		drive.simulator.faultFor = (request) =>
			isFileList(request) ? faults.without('fileName', 'description') : undefined;
		const executed = await restore();
		const { json, binary } = executed.items('Next')[0]!;
		expect(binary!.data!.fileName).toBe(json.fileId);
		expect(JSON.stringify(binary)).not.toMatch(/Signature|http/);
	});
});

describe('a user with several spaces', () => {
	beforeEach(() => drive.simulator.otherContainerIds.push('1505084218764547299'));

	test.each(['restore', 'download'])('names one: %s', async (operation) => {
		await backUp(named('a'));
		const [record] = drive.simulator.records.records.values();
		const [file] = drive.simulator.records.files.get(record!.recordId)!;
		const run = async (options: IDataObject) =>
			await transfers.run([], {
				...(operation === 'restore' ? { source: 'latest' } : { resource: 'file' }),
				operation,
				recordId: { __rl: true, mode: 'id', value: record!.recordId },
				fileId: file!.fileId,
				options,
			});
		expect(outcomeOf(await run({}))).toContain('rejected a parameter');
		const { containerId } = drive.simulator;
		await expectRestored(await run({ spaceId: containerId }), named('a'));
		const spaces = drive.simulator.requests.filter(({ target }) => target.includes('/space/'));
		expect(spaces.at(-1)!.target).toContain(`containerId=${containerId}`);
	});
});

test('a file that n8n has stored with another length is an error', async () => {
	await backUp(named('a'));
	const service = Container.get(BinaryDataService);
	const store = service.store.bind(service);
	jest.spyOn(service, 'store').mockImplementation(async (location, body, data) => {
		const chunks = (await (body as Readable).toArray()) as Buffer[];
		return await store(location, Readable.from([Buffer.concat(chunks).subarray(1)]), data);
	});
	expect(explanationOf(await restore())).toContain('it stored 8 of 9 bytes');
});
