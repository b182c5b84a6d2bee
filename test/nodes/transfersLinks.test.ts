import { channel } from 'node:diagnostics_channel';
import tls from 'node:tls';

import { bytes } from '../engine/files';
import { faults, KooDriveSimulator } from '../simulator';
import { makeCertificate } from '../simulator/certificate';
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

/** 7 parts. */
const files = [{ content: bytes(6 * MIB + 1), name: 'a' }];

const sizes = () => sent('PUT').map((put) => put.bytes);
const asked = () =>
	drive.simulator.requests
		.filter(({ target }) => /\/file$|uploadUrl$/.test(target))
		.map(({ body }) => (JSON.parse(body) as { multiParts: unknown[] }).multiParts.length);

test('asks for 20 links at a time, and matches them by their part numbers', async () => {
	drive.simulator.faultFor = ({ target }) =>
		/\/file$|uploadUrl$/.test(target) ? faults.reverseLinks() : undefined;
	const large = [{ content: bytes(24 * MIB + 1), name: 'a' }];
	expectBackup(await backUp(large), large, transfers);
	expect(sizes()).toEqual([...Array<number>(24).fill(MIB), 1]);
	expect(asked()).toEqual([20, 5]);
});

test.each([1, 5])('asks for links one by one where more than %d are rejected', async (most) => {
	drive.simulator.files.mostPartsPerRequest = most;
	expectBackup(await backUp(files), files, transfers);
	expect(asked().filter((count) => count > most).length).toBeLessThanOrEqual(2);
	expect(asked().length).toBeLessThanOrEqual(10);
	expect(sizes()).toHaveLength(7);
});

describe('a response without one of the links', () => {
	type Entry = Record<string, unknown>;
	/** Leaves the first link out of some responses, or gives a code in its place. */
	const leaveOut = (responses: number, code?: number) => {
		let count = 0;
		const changeFirst = (entries: Entry[]) =>
			entries.flatMap((entry, index) => {
				if (index > 0) return [entry];
				return code === undefined ? [] : [{ ...entry, url: undefined, code }];
			});
		drive.simulator.faultFor = ({ target }) => {
			if (!/uploadUrl$|files\/download$/.test(target) || count++ >= responses) return undefined;
			return faults.change(({ multiParts, downloads, ...body }) => ({
				...body,
				...(multiParts !== undefined && { multiParts: changeFirst(multiParts as Entry[]) }),
				...(downloads !== undefined && { downloads: changeFirst(downloads as Entry[]) }),
			}));
		};
		return () => count;
	};

	test.each([undefined, 13000407, 500])('is followed by another: code %s', async (code) => {
		drive.simulator.files.mostPartsPerRequest = 1;
		leaveOut(1);
		expectBackup(await backUp(files), files, transfers);
		leaveOut(1, code);
		await expectRestored(await restore(), files);
	});

	test.each([
		[13000407, 2],
		[13000309, 1],
	])('ends the transfer if the code %d remains, after %d requests', async (code, expected) => {
		await backUp(files);
		const count = leaveOut(Infinity, code);
		expect(explanationOf(await restore())).toContain(`code ${code}`);
		expect(count()).toBe(expected);
	});
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
	drive.simulator.line.up = MIB / 120;
	expectBackup(await backUp(files), files, transfers);
	expect(sent('PUT').filter(({ status }) => status !== 200)).toEqual([]);
});

test.each([2, -2])('renews OBS links by the Date of the server, %d hours off', async (hours) => {
	drive.clock.ahead = hours * 3_600_000;
	drive.simulator.store.linkStyle = 'obs';
	drive.simulator.store.linkLifetime = 600;
	drive.simulator.line.up = MIB / 120;
	expectBackup(await backUp(files), files, transfers);
	expect(sent('PUT').filter(({ status }) => status !== 200)).toEqual([]);
	expect(asked().length).toBeLessThan(10);
});

test.each(['http://other-host', 'ftp://127.0.0.1', 'http://127.0.0.1.example'])(
	'sends nothing to %s',
	async (origin) => {
		drive.simulator.faultFor = ({ target }) =>
			target.endsWith('/file') ? faults.linkOrigin(origin) : undefined;
		const explanation = explanationOf(await backUp([{ content: bytes(9), name: 'a' }]));
		expect(explanation).toContain("doesn't use https");
		expectNothingLeft(transfers);
	},
);

describe('behind an Endpoint with https', () => {
	const certificate = makeCertificate();

	/** Replaces KooDrive by one with https on another host, as it seems, which n8n trusts here. */
	async function useHttps(storeCertificate: typeof certificate | null): Promise<void> {
		const connect = tls.connect.bind(tls) as (options: tls.ConnectionOptions) => tls.TLSSocket;
		const host = '127.0.0.1';
		const trusted = { host, ca: certificate.cert, checkServerIdentity: () => undefined };
		jest.spyOn(tls, 'connect').mockImplementation(((options: tls.ConnectionOptions) => {
			const socket = connect({ ...options, ...trusted });
			// Node.js tells it of connections without TLS alone, and the fake clock relies on it.
			channel('net.client.socket').publish({ socket });
			return socket;
		}) as typeof tls.connect);
		const { clock } = drive.simulator;
		await drive.simulator.stop();
		drive.simulator = await new KooDriveSimulator(clock, certificate, storeCertificate).start();
		drive.credential.endpoint = drive.simulator.endpoint.replace(host, 'koodrive.example');
		transfers.deviceId = drive.simulator.devices.bind('n8n', 'server-1', 'Linux').deviceId;
		drive.simulator.files.smallestPart = MIB;
	}

	test('an https link on this machine is followed', async () => {
		await useHttps(certificate);
		expectBackup(await backUp(files), files, transfers);
		await expectRestored(await restore(), files);
	});

	test("an http link on this machine isn't", async () => {
		await useHttps(null);
		expect(drive.simulator.store.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
		expect(explanationOf(await backUp(files))).toContain("doesn't use https");
		expect(sent('PUT')).toEqual([]);
		expectNothingLeft(transfers);
	});
});
