import { gunzipSync } from 'node:zlib';

import type { StoreFault } from './';
import { KooDriveSimulator, storeFaults } from './';
import { Backup, bytesOf, fileBody, MIB, partsOf, sha256 } from './backup';
import { transfer } from './client';

let simulator: KooDriveSimulator;
let backup: Backup;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	backup = new Backup(simulator);
});
afterEach(async () => await simulator.stop());

const bytes = bytesOf(6 * MIB);
/** Milliseconds: more than any transfer takes. */
const LONG = 10_000;
const broken = /socket hang up|ECONNRESET|aborted|EPIPE|The operation was aborted/;

/** Uploads the first part under a fault, which it then sends again. */
async function putUnder(fault: StoreFault, timeout?: number) {
	const { body } = await backup.create(fileBody(bytes));
	const [part] = partsOf(bytes);
	const url = body.multiParts[0]!.uploadUrl;
	const put = async () => await transfer(url, { method: 'PUT', body: part, timeout });
	simulator.store.failNext(fault);
	return { fileId: body.fileId, links: body.multiParts, first: put(), put };
}

async function getUnder(fault: StoreFault, timeout?: number) {
	const { fileId } = simulator.files.add(backup.recordId, { fileName: 'a', content: bytes });
	const { url = '' } = (await backup.download([fileId])).body.downloads[0]!;
	simulator.store.failNext(fault);
	return { first: transfer(url, { timeout }), url };
}

test.each<[string, StoreFault, number, string]>([
	['503', storeFaults.status(503, { 'Retry-After': '3' }), 503, 'SlowDown'],
	['500', storeFaults.status(500), 500, 'InternalError'],
	['403', storeFaults.status(403), 403, 'AccessDenied'],
	['an expired link', storeFaults.expired(), 403, 'Request has expired'],
	['a redirect', storeFaults.redirect('http://127.0.0.1:9/'), 307, 'TemporaryRedirect'],
	['its own error', storeFaults.error(409, 'OperationAborted', 'x'), 409, 'OperationAborted'],
])('responds to one request with %s when told to', async (_what, fault, status, text) => {
	const upload = await putUnder(fault);
	const answer = await upload.first;
	expect(answer.status).toBe(status);
	expect(answer.body.toString()).toContain(text);
	expect((await upload.put()).status).toBe(200);
	const download = await getUnder(fault);
	expect((await download.first).status).toBe(status);
	expect((await transfer(download.url)).status).toBe(200);
});

test('fails for as long as a test decides', async () => {
	simulator.store.faultFor = ({ method }) =>
		method === 'PUT' ? storeFaults.status(503) : undefined;
	const { first, put } = await putUnder(storeFaults.status(500));
	expect((await first).status).toBe(500);
	for (let attempt = 0; attempt < 3; attempt++) expect((await put()).status).toBe(503);
	expect((await (await getUnder(storeFaults.delay(1))).first).status).toBe(200);
});

test.each<[string, StoreFault, number]>([
	['a reset before a byte', storeFaults.reset(), LONG],
	['a reset in the middle', storeFaults.reset(2 * MIB), LONG],
	['an end in the middle', storeFaults.close(2 * MIB), LONG],
	['a stall in the middle', storeFaults.stall(2 * MIB), 300],
])('ends the connection with %s when told to', async (_what, fault, timeout) => {
	const upload = await putUnder(fault, timeout);
	await expect(upload.first).rejects.toThrow(broken);
	expect(simulator.store.requests[0]!.bytes).toBeLessThan(4 * MIB);
	expect((await upload.put()).status).toBe(200);
	await expect((await getUnder(fault, timeout)).first).rejects.toThrow(broken);
});

test('stores a part and does not say so when told to', async () => {
	const { fileId, links, first } = await putUnder(storeFaults.noAnswer());
	await expect(first).rejects.toThrow(broken);
	await transfer(links[1]!.uploadUrl, { method: 'PUT', body: partsOf(bytes)[1]! });
	expect((await backup.complete(fileId, { sha256: sha256(bytes) })).status).toBe(200);
	await expect((await getUnder(storeFaults.noAnswer())).first).rejects.toThrow(broken);
});

test.each<[string, StoreFault]>([
	['loses', storeFaults.lose()],
	['corrupts', storeFaults.corrupt(3 * MIB)],
])('%s a part that it says it stored when told to', async (_what, fault) => {
	const { fileId, links, first, put } = await putUnder(fault);
	expect((await first).status).toBe(200);
	await transfer(links[1]!.uploadUrl, { method: 'PUT', body: partsOf(bytes)[1]! });
	const digest = { sha256: sha256(bytes) };
	expect((await backup.complete(fileId, digest)).body).toMatchObject({ code: 13000402 });
	await put();
	expect((await backup.complete(fileId, digest)).status).toBe(200);
});

test('sends a corrupted object when told to', async () => {
	const { body } = await (await getUnder(storeFaults.corrupt(3 * MIB))).first;
	expect(body).toHaveLength(bytes.length);
	expect(body[3 * MIB]).toBe(~bytes[3 * MIB]! & 0xff);
	body[3 * MIB] = bytes[3 * MIB]!;
	expect(body.equals(bytes)).toBe(true);
});

test('sends an object without its end when told to', async () => {
	const { body, headers } = await (await getUnder(storeFaults.shorten(2 * MIB))).first;
	expect(headers['content-length']).toBe(String(4 * MIB));
	expect(body.equals(bytes.subarray(0, 4 * MIB))).toBe(true);
});

test('compresses an object when told to', async () => {
	const { body, headers } = await (await getUnder(storeFaults.gzip())).first;
	expect(headers['content-encoding']).toBe('gzip');
	expect(gunzipSync(body).equals(bytes)).toBe(true);
});

test('responds late when told to', async () => {
	const began = performance.now();
	expect((await (await putUnder(storeFaults.delay(50))).first).status).toBe(200);
	expect(performance.now() - began).toBeGreaterThan(45);
});

test('keeps objects and accepts its links again after a restart, on the same port', async () => {
	const { fileId } = simulator.files.add(backup.recordId, { fileName: 'a', content: bytes });
	const { url = '' } = (await backup.download([fileId])).body.downloads[0]!;
	await simulator.store.restart(async () => {
		await expect(transfer(url)).rejects.toThrow('ECONNREFUSED');
		const meanwhile = (await backup.download([fileId])).body.downloads[0]!.url;
		expect(new URL(meanwhile!).host).toBe(new URL(url).host);
	});
	expect((await transfer(url)).body.equals(bytes)).toBe(true);
});
