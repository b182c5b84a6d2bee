import { bytes } from '../engine/files';
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
const { drive, backUp, restore, sent } = transfers;

/** 25 parts. */
const files = [{ content: bytes(24 * MIB + 1), name: 'a' }];

const sizes = () => sent('PUT').map((put) => put.bytes);
const asked = () =>
	drive.simulator.requests
		.filter(({ target }) => /\/file$|uploadUrl$/.test(target))
		.map(({ body }) => (JSON.parse(body) as { multiParts: unknown[] }).multiParts.length);

test('asks for 20 links at a time, and matches them by their part numbers', async () => {
	drive.simulator.faultFor = ({ target }) =>
		/\/file$|uploadUrl$/.test(target) ? faults.reverseLinks() : undefined;
	expectBackup(await backUp(files), files, transfers);
	expect(sizes()).toEqual([...Array<number>(24).fill(MIB), 1]);
	expect(asked()).toEqual([20, 5]);
});

test.each([1, 5])('asks for links one by one where more than %d are rejected', async (most) => {
	drive.simulator.files.mostPartsPerRequest = most;
	expectBackup(await backUp(files), files, transfers);
	expect(asked().filter((count) => count > most).length).toBeLessThanOrEqual(2);
	expect(asked().length).toBeLessThanOrEqual(30);
	expect(sizes()).toHaveLength(25);
});

test('uses links in the style of OBS byte for byte', async () => {
	drive.simulator.store.linkStyle = 'obs';
	expectBackup(await backUp(files), files, transfers);
	await expectRestored(await restore(), files);
	for (const { url, status } of drive.simulator.store.requests) {
		expect(url).toMatch(/[?&]Signature=[^&]+/);
		expect([200, 206]).toContain(status);
	}
});

test.each(['sigV4', 'obs'] as const)(
	'never names a signature of the style %s in an error',
	async (style) => {
		drive.simulator.store.linkStyle = style;
		drive.simulator.store.faultFor = ({ url }) => faults.storeError(400, 'InvalidArgument', url);
		const explanation = explanationOf(await backUp([{ content: bytes(9), name: 'a' }]));
		const [signature = ''] = /(?<=Signature=)[^&]+/.exec(sent('PUT')[0]!.url) ?? [];
		expect(signature.length).toBeGreaterThan(20);
		expect(explanation).not.toContain(signature);
		expect(explanation).not.toContain(decodeURIComponent(signature));
	},
);

test.each([60, 600])('renews links that live for %d seconds', async (lifetime) => {
	drive.simulator.store.linkLifetime = lifetime;
	drive.simulator.line.up = MIB / 30;
	expectBackup(await backUp(files), files, transfers);
	expect(sent('PUT').filter(({ status }) => status !== 200)).toEqual([]);
});

test.each([2, -2])('renews OBS links by the Date of the server, %d hours off', async (hours) => {
	drive.clock.ahead = hours * 3_600_000;
	drive.simulator.store.linkStyle = 'obs';
	drive.simulator.store.linkLifetime = 600;
	drive.simulator.line.up = MIB / 30;
	expectBackup(await backUp(files), files, transfers);
	expect(sent('PUT').filter(({ status }) => status !== 200)).toEqual([]);
	expect(asked().length).toBeLessThan(10);
});

test.each([
	['http://127.0.0.1:9', 'https://koodrive.example'],
	['http://localhost:9', 'https://127.0.0.1'],
	['http://other-host', 'http://127.0.0.1'],
	['ftp://127.0.0.1', 'http://127.0.0.1'],
])('sends nothing to %s', async (origin) => {
	drive.simulator.faultFor = ({ target }) =>
		target.endsWith('/file') ? faults.linkOrigin(origin) : undefined;
	if (origin.includes('other-host') || origin.startsWith('ftp')) {
		const explanation = explanationOf(await backUp([{ content: bytes(9), name: 'a' }]));
		expect(explanation).toContain("doesn't use https");
		expectNothingLeft(transfers);
	}
	expect(sent('PUT')).toEqual([]);
});
