import { bytes } from '../engine/files';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { expectRestored, explanationOf, MIB, outcomeOf, sum, useTransfers } from './transfers';

const transfers = useTransfers();
const { drive, restore, sent } = transfers;

/** Makes a backup without uploading it. */
function store(...contents: Buffer[]) {
	const { records, files } = drive.simulator;
	const record = records.create('100', transfers.deviceId, { status: 1 });
	return contents.map((content, index) => {
		files.add(record.recordId, { fileName: `${index}`, content });
		return { name: `${index}`, content };
	});
}

/** Faults of the downloads, in turn; the last one again and again. */
function failDownloads(...turns: Array<Fault | undefined>): void {
	let downloads = 0;
	drive.simulator.store.faultFor = ({ method }) =>
		method === 'GET' ? turns[Math.min(downloads++, turns.length - 1)] : undefined;
}

/** What Node.js had read, and passed on to no one when the connection ended. */
const LOST_AT_AN_END = 64 * 1024;

test('a download of 20 MiB that is cut after each 6 arrives, and nearly nothing of it twice', async () => {
	const files = store(bytes(20 * MIB));
	failDownloads(faults.close(6 * MIB));
	await expectRestored(await restore(), files);
	const starts = sent('GET').map(({ headers }) =>
		Number(/^bytes=(\d+)-$/.exec(headers.range!)?.[1]),
	);
	expect(starts).toEqual([NaN, ...[6, 12, 18].map(() => expect.any(Number) as number)]);
	const total = sum(sent('GET').map(({ sentBytes }) => sentBytes));
	expect(total).toBeLessThan(20 * MIB + 3 * LOST_AT_AN_END);
	for (const { headers } of sent('GET')) expect(headers['accept-encoding']).toBe('identity');
});

test.each<[string, Fault]>([
	['is reset', faults.reset(MIB)],
	['is reset before a byte', faults.noResponse()],
	['stalls', faults.stall(MIB)],
	['never begins', faults.noResponse('stall')],
	['is shorter than it should be', faults.shorten(1_000)],
	['comes compressed', faults.gzip()],
])('a download arrives that %s at first', async (_what, fault) => {
	const files = store(bytes(2 * MIB));
	failDownloads(fault, undefined);
	await expectRestored(await restore(), files);
	expect(sent('GET').length).toBeLessThanOrEqual(2);
});

const wholeOnly = faults.ignoreRange();
/** The size of the file is 20 such units. */
const UNIT = 100_000;
const cutAt = (units: number) => faults.close(units * UNIT);

test.each<[string, Fault[]]>([
	['supports no Range', [cutAt(6), { ...cutAt(13), ...wholeOnly }, wholeOnly]],
	[
		'supports no Range, and cuts at 13 before 6',
		[cutAt(13), { ...cutAt(6), ...wholeOnly }, wholeOnly],
	],
	['sends another range', [cutAt(6), faults.contentRange(`bytes 0-9/${20 * UNIT}`), {}]],
	['sends a range of another file', [cutAt(6), faults.contentRange(`bytes ${6 * UNIT}-7/8`), {}]],
	['sends 206 without a range', [cutAt(6), faults.headers({ 'Content-Range': undefined }), {}]],
	['rejects the range', [cutAt(6), faults.storeError(416, 'InvalidRange'), {}]],
	['says that the link has expired', [cutAt(6), faults.expired(), {}]],
	['resets the second download, too', [cutAt(6), faults.reset(UNIT), {}]],
])('a download that is cut arrives although the store %s', async (_what, turns) => {
	const files = store(bytes(20 * UNIT));
	failDownloads(...turns);
	await expectRestored(await restore(), files);
	expect(sent('GET')).toHaveLength(3);
});

test.each<[string, Fault]>([
	['lies about each range', faults.contentRange('bytes 0-9/10')],
	['rejects each range', faults.storeError(416, 'InvalidRange')],
])('a download ends if the store cuts it and %s', async (_what, fault) => {
	store(bytes(MIB));
	drive.simulator.store.faultFor = ({ headers }) =>
		headers.range === undefined ? faults.close(MIB / 2) : fault;
	expect(explanationOf(await restore())).toContain('"0" couldn\'t be downloaded');
	expect(sent('GET')).toHaveLength(4);
});

test('a file that is listed with 10 bytes and comes with 600 MB is ended', async () => {
	store(bytes(10));
	drive.simulator.store.faultFor = () => faults.lengthen(600e6);
	const executed = await restore();
	expect(outcomeOf(executed)).toContain('"0" couldn\'t be downloaded');
	expect(executed.items('Next')).toEqual([]);
	expect(sent('GET').length).toBeLessThanOrEqual(2);
	for (const { sentBytes } of sent('GET')) expect(sentBytes).toBeLessThan(8 * MIB);
});

test.each<[string, Fault]>([
	['has a byte more', faults.lengthen()],
	['has a byte less', { resize: -1 }],
	['has another byte', faults.corrupt(7)],
])('a file that %s is downloaded once more, and never returned', async (_what, fault) => {
	store(bytes(MIB));
	drive.simulator.store.faultFor = () => fault;
	const executed = await restore();
	expect(outcomeOf(executed)).toContain('"0" couldn\'t be downloaded');
	expect(executed.items('Next')).toEqual([]);
	drive.simulator.store.faultFor = () => undefined;
	expect(outcomeOf(await restore())).toBe('success');
});

test('16 downloads that are cut repeatedly arrive, each where it was', async () => {
	const files = store(...Array.from({ length: 16 }, (_, index) => bytes(3 * MIB, index + 1)));
	failDownloads(faults.close(MIB));
	await expectRestored(await restore(), files);
	const total = sum(sent('GET').map(({ sentBytes }) => sentBytes));
	expect(total).toBeLessThan(48 * MIB + 32 * LOST_AT_AN_END);
});
