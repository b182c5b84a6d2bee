import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { KooDriveSimulator, storeFaults } from './';
import { Backup, bytesOf, fileBody, MIB, partsOf, sha256 } from './backup';
import { makeCertificate } from './certificate';
import { send, transfer } from './client';
import type { Keeping } from './store/keeping';

let simulator: KooDriveSimulator;
let backup: Backup;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	backup = new Backup(simulator);
});
afterEach(async () => await simulator.stop());

const small = bytesOf(1000);
const large = bytesOf(12 * MIB + 5);

/** A new file, and the links to upload its parts. */
async function create(bytes = small) {
	const { body } = await backup.create(fileBody(bytes));
	return { fileId: body.fileId, links: body.multiParts.map(({ uploadUrl }) => uploadUrl) };
}

async function put(url: string, body = small, headers: Record<string, string> = {}) {
	return await transfer(url, { method: 'PUT', body, headers });
}

/** A link to download a file that is stored. */
async function downloadLink(content = small): Promise<string> {
	const { fileId } = simulator.files.add(backup.recordId, { fileName: 'ä b.bin', content });
	return (await backup.download([fileId])).body.downloads[0]!.url!;
}

function errorIn({ status, body }: { status: number; body: Buffer }) {
	return [status, /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1]];
}

test('links are signed, for an hour, to their own host', async () => {
	const [url = ''] = (await create()).links;
	expect(url.startsWith(simulator.store.endpoint)).toBe(true);
	expect(simulator.store.endpoint).not.toBe(simulator.endpoint);
	expect(url).toMatch(/[?&]X-Amz-Date=\d{8}T\d{6}Z&/);
	expect(url).toMatch(/[?&]X-Amz-Expires=3600&X-Amz-SignedHeaders=content-length%3Bhost&/);
	expect(url).toMatch(/&X-Amz-Signature=[0-9a-f]{64}$/);
});

test('a link may be used until it expires by the simulated clock', async () => {
	const [url = ''] = (await create()).links;
	const download = await downloadLink();
	simulator.clock.advance(3_598_000);
	expect((await put(url)).status).toBe(200);
	expect((await transfer(download)).status).toBe(200);
	simulator.clock.advance(2000);
	for (const refused of [await put(url), await transfer(download)]) {
		expect(errorIn(refused)).toEqual([403, 'AccessDenied']);
		expect(refused.body.toString()).toContain('Request has expired');
	}
});

test('a test decides how long links may be used', async () => {
	simulator.store.linkLifetime = 60;
	const [url = ''] = (await create()).links;
	expect(url).toContain('X-Amz-Expires=60&');
	simulator.clock.advance(61_000);
	expect((await put(url)).status).toBe(403);
});

test.each<[string, (url: string) => string]>([
	['another part number', (url) => url.replace('partNumber=1', 'partNumber=2')],
	['a longer lifetime', (url) => url.replace('Expires=3600', 'Expires=9999')],
	['a blank encoded otherwise', (url) => url.replace('%20', '+')],
	['an escape in upper case', (url) => url.replace('%2b', '%2B')],
	['a tilde that is encoded', (url) => url.replace('~', '%7E')],
	['a colon that is not encoded', (url) => url.replace('%3B', ';')],
	['another parameter', (url) => `${url}&x=1`],
	['a parameter before the others', (url) => url.replace('?', '?x=1&')],
	['a signature in upper case', (url) => url.replace(/\w+$/, (hex) => hex.toUpperCase())],
	['half a signature', (url) => url.slice(0, -32)],
	['no signature', (url) => url.replace(/&X-Amz-Signature.*/, '')],
	['no query', (url) => url.replace(/\?.*/, '')],
	['what another client makes of its query', (url) => reencoded(url)],
])('rejects a link with %s', async (_what, change) => {
	const [url = ''] = (await create()).links;
	expect(change(url)).not.toBe(url);
	expect(errorIn(await put(change(url)))).toEqual([403, 'SignatureDoesNotMatch']);
	expect(errorIn(await transfer(change(url)))).toEqual([403, 'SignatureDoesNotMatch']);
});

function reencoded(url: string): string {
	const [path, query] = url.split('?');
	return `${path}?${new URLSearchParams(query).toString()}`;
}

test.each([
	['Authorization', 'Bearer+token', 400, 'InvalidArgument'],
	['X-User-Id', '1505084218764547200', 400, 'InvalidRequest'],
	['X-Date', '20251103T070140Z', 400, 'InvalidRequest'],
	['x-backup-lock-id', 'a@100', 400, 'InvalidRequest'],
	['x-amz-content-sha256', 'UNSIGNED-PAYLOAD', 403, 'AccessDenied'],
])('rejects the header %s', async (name, value, status, code) => {
	const [url = ''] = (await create()).links;
	expect(errorIn(await put(url, small, { [name]: value }))).toEqual([status, code]);
	const download = await transfer(await downloadLink(), { headers: { [name]: value } });
	expect(errorIn(download)).toEqual([status, code]);
	expect((await put(url)).status).toBe(200);
});

test('rejects other methods, and a link of another method', async () => {
	const [url = ''] = (await create()).links;
	expect((await transfer(url, { method: 'POST' })).status).toBe(405);
	expect(errorIn(await transfer(url))).toEqual([403, 'SignatureDoesNotMatch']);
	expect(errorIn(await put(await downloadLink()))).toEqual([403, 'SignatureDoesNotMatch']);
});

test('rejects a part of another size and one without a size', async () => {
	const [url = ''] = (await create()).links;
	expect((await put(url, small.subarray(1))).status).toBe(403);
	expect((await put(url, bytesOf(1001))).status).toBe(403);
	const chunked = await put(url, small, { 'Transfer-Encoding': 'chunked' });
	expect(errorIn(chunked)).toEqual([400, 'InvalidRequest']);
});

test('rejects a part that comes before its predecessors', async () => {
	const { fileId, links } = await create(large);
	const parts = partsOf(large);
	const order = [1, 0, 2, 1, 0, 1, 2];
	const answers = [];
	for (const index of order) answers.push(errorIn(await put(links[index]!, parts[index])));
	const stored = [200, undefined];
	const refused = [400, 'InvalidPartOrder'];
	expect(answers).toEqual([refused, stored, refused, stored, stored, stored, stored]);
	expect((await backup.complete(fileId, { sha256: sha256(large) })).status).toBe(200);
});

test('rejects parts once the file is complete, and objects whose record is deleted', async () => {
	const { fileId, links } = await create();
	await put(links[0]!);
	await backup.complete(fileId);
	expect(errorIn(await put(links[0]!))).toEqual([404, 'NoSuchUpload']);
	const { url = '' } = (await backup.download([fileId])).body.downloads[0]!;
	const path = `/koodrive/ose/v1/backup/record/${backup.recordId}`;
	await send(simulator, 'DELETE', path, { headers: { 'x-backup-lock-id': backup.lockId } });
	expect(errorIn(await transfer(url))).toEqual([404, 'NoSuchKey']);
});

test('sends an object as it is, whatever encodings a client accepts', async () => {
	const headers = { 'Accept-Encoding': 'gzip' };
	const response = await transfer(await downloadLink(large), { headers });
	expect(response.headers).toMatchObject({ 'content-length': String(large.length) });
	expect(response.headers).not.toHaveProperty('content-encoding');
	expect(response.body.equals(large)).toBe(true);
});

test('records its requests without their bodies', async () => {
	const [url = ''] = (await create()).links;
	await put(url, small, { 'X-Test': 'yes' });
	await transfer(url);
	expect(simulator.store.requests).toMatchObject([
		{ method: 'PUT', url, bytes: 1000, headers: { 'x-test': 'yes' }, status: 200 },
		{ method: 'GET', url, bytes: 0, status: 403 },
	]);
	expect(simulator.store.mostInFlight).toBe(1);
	expect(simulator.requests).toHaveLength(1);
});

test('names the origin that a test wants in its links', async () => {
	simulator.store.linkOrigin = 'http://other-host';
	expect((await create()).links[0]).toMatch(/^http:\/\/other-host\/bucket\//);
});

test('speaks https with the certificate of the service', async () => {
	await simulator.stop();
	simulator = await new KooDriveSimulator(undefined, makeCertificate()).start();
	expect(simulator.store.endpoint).toMatch(/^https:/);
	const { recordId } = simulator.records.create('100', 'device');
	const { fileId } = simulator.files.add(recordId, { fileName: 'a', content: small });
	const { key } = simulator.files.get(fileId)!;
	const url = simulator.store.downloadLink(key, 'a');
	expect((await transfer(url)).body.equals(small)).toBe(true);
	simulator.store.failNext(storeFaults.reset());
	await expect(transfer(url)).rejects.toThrow();
});

describe.each<Keeping>(['memory', 'disk', 'digests'])('with its bytes kept as %s', (keeps) => {
	beforeEach(() => (simulator.store.keeps = keeps));

	test('knows the digest and the size of a file', async () => {
		const { fileId } = await backup.upload(large, { preHash: sha256(large.subarray(0, 1024)) });
		const wrong = await backup.complete(fileId, { sha256: sha256('other') });
		expect(wrong.body).toMatchObject({ code: 13000402 });
		expect((await backup.complete(fileId, { sha256: sha256(large) })).status).toBe(200);
		expect(simulator.files.content(fileId)).toMatchObject({
			length: large.length,
			sha256: sha256(large),
			isKept: keeps !== 'digests',
		});
	});

	test('replaces a part that is sent again', async () => {
		const { fileId, links } = await create(large);
		const parts = partsOf(large);
		await put(links[0]!, bytesOf(5 * MIB, 9));
		await put(links[0]!, parts[0]);
		await put(links[1]!, bytesOf(5 * MIB, 9));
		await put(links[1]!, parts[1]);
		await put(links[2]!, parts[2]);
		await put(links[0]!, parts[0]);
		expect((await backup.complete(fileId, { sha256: sha256(large) })).status).toBe(200);
	});

	test('sends a file again unless only its digest was kept', async () => {
		const { fileId } = await backup.upload(large);
		await backup.complete(fileId);
		const { url = '' } = (await backup.download([fileId])).body.downloads[0]!;
		const response = await transfer(url);
		if (keeps === 'digests') expect(response.status).toBe(500);
		else expect(response.body.equals(large)).toBe(true);
	});

	test('joins other bytes of an early part with the later ones if it has them', async () => {
		const { fileId, links } = await create(large);
		const parts = partsOf(large);
		await put(links[0]!, bytesOf(5 * MIB, 9));
		for (const index of [1, 2, 0]) await put(links[index]!, parts[index]);
		const { status } = await backup.complete(fileId, { sha256: sha256(large) });
		expect(status).toBe(keeps === 'digests' ? 400 : 200);
	});
});

test('removes what it kept on disk', async () => {
	const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('objects-'));
	const before = folders();
	simulator.store.keeps = 'disk';
	await backup.complete((await backup.upload(small)).fileId);
	const [made = ''] = folders().filter((name) => !before.includes(name));
	expect(readdirSync(`${tmpdir()}/${made}`)).toHaveLength(1);
	const path = `/koodrive/ose/v1/backup/record/${backup.recordId}`;
	await send(simulator, 'DELETE', path, { headers: { 'x-backup-lock-id': backup.lockId } });
	expect(readdirSync(`${tmpdir()}/${made}`)).toEqual([]);
	await simulator.stop();
	expect(existsSync(`${tmpdir()}/${made}`)).toBe(false);
	await simulator.start();
});
