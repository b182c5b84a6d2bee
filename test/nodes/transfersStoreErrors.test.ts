import { bytes } from '../engine/files';
import { HOUR, SECOND } from '../setup';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import {
	expectBackup,
	expectNothingLeft,
	expectRestored,
	explanationOf,
	MIB,
	useTransfers,
} from './transfers';

const transfers = useTransfers();
const { drive, backUp, restore, sent, seconds } = transfers;

/** One file with a part of its own, and one with three. */
const files = [
	{ content: bytes(1_000), name: 'small' },
	{ content: bytes(2 * MIB + 1, 2), name: 'large' },
];

const passing: Array<[string, Fault]> = [
	['400 RequestTimeout', faults.storeError(400, 'RequestTimeout')],
	['400 IncompleteBody', faults.storeError(400, 'IncompleteBody')],
	['409 OperationAborted', faults.storeError(409, 'OperationAborted')],
	['500 InternalError', faults.storeError(500, 'InternalError')],
	['503 SlowDown', faults.storeError(503, 'SlowDown')],
	['503 ServiceUnavailable', faults.storeError(503, 'ServiceUnavailable')],
	['429 without a code', faults.status(429)],
	['200 with InternalError', faults.storeError(200, 'InternalError')],
	['403 expired', faults.expired()],
	['400 ExpiredToken', faults.storeError(400, 'ExpiredToken', 'The provided token has expired.')],
	['a web page of a proxy', faults.html(502)],
	['a reset before a byte', faults.reset()],
	['a reset in the middle', faults.reset(500)],
	['a stall before a byte', faults.stall()],
	['a stall in the middle', faults.stall(500)],
	['no response', faults.noResponse('stall')],
	['a lost response', faults.noResponse()],
	['a response that is cut', faults.noResponse('close')],
];

test.each(passing)('a backup is complete after %s of each part', async (_what, fault) => {
	const failed = new Set<string>();
	drive.simulator.store.faultFor = ({ target }) => {
		const part = target.replace(/\?.*(?=partNumber)|&.*/g, '');
		return failed.size === failed.add(part).size ? undefined : fault;
	};
	expectBackup(await backUp(files), files, transfers);
	// The last part has one byte, which can't be cut in its middle.
	expect(sent('PUT').length).toBeGreaterThanOrEqual(2 * 4 - 1);
});

test.each(passing.filter(([what]) => !what.startsWith('200')))(
	'a restore is complete after %s',
	async (_what, fault) => {
		await backUp(files);
		drive.simulator.store.failNext(fault, {}, fault);
		await expectRestored(await restore(), files);
		expect(sent('GET').length).toBeGreaterThanOrEqual(3);
	},
);

test.each<[string, Fault[]]>([
	['once', [faults.storeError(404, 'NoSuchUpload')]],
	['for the second part', [{}, faults.storeError(404, 'NoSuchUpload')]],
])('a file is begun anew if the store has forgotten its upload %s', async (_what, turns) => {
	drive.simulator.store.failNext(...turns);
	expectBackup(await backUp([files[1]!]), [files[1]!], transfers);
});

describe('KooDrive rejects', () => {
	const on = (path: RegExp, ...turns: Fault[]) => {
		drive.simulator.faultFor = ({ target }) => (path.test(target) ? turns.shift() : undefined);
	};

	test.each<[string, RegExp, Fault]>([
		['links: no such upload', /uploadUrl$/, faults.code(13000401, 'no upload', 400)],
		['complete: no such upload', /complete$/, faults.code(13000401, 'no upload', 400)],
		['complete: no such upload, under HTTP 200', /complete$/, faults.code(13000401, 'no upload')],
		['complete: checksum', /complete$/, faults.code(13000402, 'integrity', 400)],
		['complete: state', /complete$/, faults.code(13000403, 'state', 400)],
	])('%s, once: the backup is complete', async (_what, path, fault) => {
		on(path, fault);
		drive.simulator.store.failNext(faults.expired());
		expectBackup(await backUp(files), files, transfers);
	});

	test.each<[string, RegExp, number]>([
		['no such upload', /complete$/, 13000401],
		['checksum', /complete$/, 13000402],
		['state', /complete$/, 13000403],
		['links', /uploadUrl$/, 13000401],
	])('%s, for good: the error names the file and the code', async (_what, path, code) => {
		drive.simulator.faultFor = ({ target }) =>
			path.test(target) ? faults.code(code, 'no', 400) : undefined;
		if (path.test('uploadUrl')) drive.simulator.store.faultFor = () => faults.expired();
		const explanation = explanationOf(await backUp([files[1]!]));
		expect(explanation).toContain('"large" couldn\'t be uploaded');
		expect(explanation).toContain(String(code));
		expectNothingLeft(transfers);
		expect(seconds()).toBeLessThan(10 * 60);
	});
});

test.each<[string, Fault]>([
	['EntityTooSmall', faults.storeError(400, 'EntityTooSmall')],
	['InvalidAccessKeyId', faults.storeError(403, 'InvalidAccessKeyId')],
	['QuotaExceeded', faults.storeError(403, 'InsufficientStorageSpace')],
	['NoSuchUpload', faults.storeError(404, 'NoSuchUpload')],
	['MalformedXML', faults.storeError(200, 'MalformedXML')],
	['expired', faults.expired()],
])('a backup fails for good after %s, and says so immediately', async (code, fault) => {
	drive.simulator.store.faultFor = () => fault;
	const explanation = explanationOf(await backUp([files[1]!]));
	expect(explanation).toContain('"large" couldn\'t be uploaded');
	expect(explanation).toContain(code.replace('QuotaExceeded', 'InsufficientStorageSpace'));
	expectNothingLeft(transfers);
	expect(seconds()).toBeLessThan(60);
	expect(sent('PUT').length).toBeLessThanOrEqual(4);
});

test.each([-2 * HOUR, 0, 2 * HOUR])(
	'a Retry-After that is a date is read by the Date of the store, %d ms off',
	async (ahead) => {
		drive.clock.ahead = ahead;
		const date = new Date(drive.simulator.clock.now() + 40 * SECOND).toUTCString();
		drive.simulator.store.failNext(faults.status(503, { 'Retry-After': date }));
		expectBackup(await backUp([files[0]!]), [files[0]!], transfers);
		expect(seconds()).toBeGreaterThan(38);
		expect(seconds()).toBeLessThan(60);
	},
);

test('a Retry-After that is longer than an outage may last ends the transfer immediately', async () => {
	drive.simulator.store.faultFor = () => faults.status(503, { 'Retry-After': '3600' });
	expect(explanationOf(await backUp([files[0]!]))).toContain('"small" couldn\'t be uploaded');
	expect(seconds()).toBeLessThan(600);
});
