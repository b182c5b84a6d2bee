import { signatureOf } from './authentication';
import { Backup, bytesOf, fileBody, MIB, partsOf, sha256, transfer, xDate } from './client';
import { KooDriveSimulator } from './';
import { proofCode, proofRange } from './proofCode';

/* The simulator is as strict as the API Reference: what it accepts, and with which code it rejects the rest. */

let simulator: KooDriveSimulator;
let backup: Backup;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	simulator.clock.set(Math.floor(Date.now() / 1000) * 1000 + 100);
	backup = new Backup(simulator);
});
afterEach(async () => await simulator.stop());

const small = bytesOf(1000);
const large = bytesOf(12 * MIB + 5);
const SPACE = 'space/1505084218764547200';
const device = { machineCode: 'n8n_1', deviceName: 'n8n main-1', deviceOS: 'Linux 6' };
const part = (partNumber: unknown, partSize?: number) => ({ partNumber, partSize });

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
	return async () => await backup.send(method, path, body, headers);
};
const lock = (headers: Record<string, string>) => send('PATCH', 'backup/lock', undefined, headers);
const at = (offset: number) => async () =>
	await lock({ 'X-Date': xDate(simulator.clock.now() + offset) })();
const bind = (more: object) => send('POST', 'backup/device', { ...device, ...more });
const create = (more: object) => async () => await backup.create(fileBody(small, more));
const links =
	(...multiParts: unknown[]) =>
	async () => {
		const { fileId } = await backup.create(fileBody(large, { multiParts: undefined }));
		return await backup.links(fileId, multiParts);
	};
const completeWith =
	(more: object, created: object = {}) =>
	async () =>
		await backup.complete((await backup.upload(small, created)).fileId, more);

async function after(what: () => unknown, then: () => Promise<unknown>) {
	await what();
	return await then();
}

const OTHER = sha256('other');
const SIGNED = `HMAC-SHA256 AppId=6d1c5f0e2b,SignedHeaders=host;x-date;x-user-id,Signature=`;

type Call = () => Promise<unknown>;

test.each<[string, number | string, Call]>([
	['a renewal', 0, lock({})],
	['a renewal without X-Date', 'APIG.0301', lock({ 'X-Date': '' })],
	['a malformed X-Date', 'APIG.0301', lock({ 'X-Date': '2025-11-03T07:01:40Z' })],
	['an X-Date that lies ahead', 'APIG.0301', at(1000)],
	['an X-Date of 15 minutes ago', 0, at(-899_000)],
	['an older X-Date', 'APIG.0301', at(-902_000)],
	['a wrong token', 'APIG.0301', lock({ Authorization: 'Bearer+other' })],
	['a token alone', 'APIG.0301', lock({ Authorization: '60f4ccc7b1a94e3fa2d5c8e7f1b3a6d9' })],
	['a made-up signature', 'APIG.0301', lock({ Authorization: SIGNED + '0'.repeat(64) })],
	['another user', 13000410, lock({ 'X-User-Id': '1' })],
	['no lock ID', 13000102, lock({ 'x-backup-lock-id': '' })],
	['an unknown lock', 13000309, lock({ 'x-backup-lock-id': 'unknown@100' })],
	['a renewal with a body', 13000102, send('PATCH', 'backup/lock', '{}')],
	['an expired lock', 13000309, () => after(() => simulator.clock.advance(601_000), lock({}))],
	['a lock in time', 0, () => after(() => simulator.clock.advance(599_000), lock({}))],
	[
		'a lock that was released',
		13000309,
		() => after(send('DELETE', 'backup/lock'), send('DELETE', 'backup/lock')),
	],
	...['', 'no JSON', '{}', '{"moduleCode":100}', '{"moduleCode":"103"}'].map(
		(body): [string, number, Call] => [
			`a lock created from '${body}'`,
			13000102,
			send('POST', 'backup/lock', body),
		],
	),
	['a list of records', 0, send('GET', 'backup/record?moduleCode=100&pageSize=100')],
	['an unknown module', 13000102, send('GET', 'backup/record?moduleCode=99&pageSize=1')],
	['a page that is too large', 13000102, send('GET', 'backup/record?moduleCode=100&pageSize=101')],
	['an unknown cursor', 13000102, send('GET', 'backup/record?moduleCode=100&cursor=1')],
	['a space without a type', 13000102, send('GET', SPACE)],
	['the space of another user', 13000410, send('GET', 'space/1?type=1')],
	['the only space', 0, send('GET', `${SPACE}?type=1`)],
	[
		'one of several spaces that is not named',
		13000102,
		() => after(() => (simulator.otherContainerIds = ['7']), send('GET', `${SPACE}?type=1`)),
	],
	['an unknown space', 13000309, send('GET', `${SPACE}?type=1&containerId=8`)],
	['a device', 0, bind({})],
	['no machine code', 13000102, bind({ machineCode: undefined })],
	['a machine code with a hyphen', 13000102, bind({ machineCode: 'n8n-1' })],
	['a machine code of 65 characters', 13000102, bind({ machineCode: 'a'.repeat(65) })],
	['a device name with a period', 13000102, bind({ deviceName: 'n8n.example' })],
	['a device name of 33 characters', 13000102, bind({ deviceName: 'a'.repeat(33) })],
	['an operating system with a hyphen', 13000102, bind({ deviceOS: 'Linux-6' })],
	['an operating system that is a number', 13000102, bind({ deviceOS: 6 })],
	['an unknown device', 13000309, send('DELETE', 'backup/device/1')],

	['a file', 0, create({})],
	['no name', 13000102, create({ fileName: undefined })],
	...['', '..', ...[...'<>|:"*?/'].map((character) => `a${character}b`)].map(
		(fileName): [string, number, Call] => [
			`the name '${fileName}'`,
			13000419,
			create({ fileName }),
		],
	),
	['a name of 251 characters', 13000417, create({ fileName: 'a'.repeat(251) })],
	['an unknown type', 13000102, create({ fileType: '99' })],
	['a type that is a number', 13000102, create({ fileType: 45 })],
	['a parent folder that is text', 13000102, create({ parentFolder: 'root' })],
	['no parent folder', 13000102, create({ parentFolder: [] })],
	['a length that is text', 13000102, create({ length: '1000' })],
	['a negative length', 13000102, create({ length: -1 })],
	['more than 200 GB', 13000102, create({ length: 200 * 1024 ** 3 + 1, multiParts: [] })],
	['another upload mode', 13000102, create({ uploadMode: 'content' })],
	['another upload type', 13000102, create({ uploadType: '1' })],
	['a description of 513 characters', 13000102, create({ description: 'a'.repeat(513) })],
	['a digest without a proof code', 13000102, create({ sha256: OTHER })],
	['a proof code without a digest', 13000102, create({ proofCode: OTHER })],
	['a digest in upper case', 13000102, create({ sha256: 'A'.repeat(64), proofCode: OTHER })],
	[
		'a file without a lock',
		13000102,
		() => backup.create(fileBody(small), { 'x-backup-lock-id': '' }),
	],
	[
		'a file of a completed record',
		13000102,
		() => after(() => backup.change('PATCH', {}), create({})),
	],
	['a file of a deleted record', 13000309, () => after(() => backup.change('DELETE'), create({}))],
	['a link for no parts', 13000102, links()],
	['a part number of 0', 13000102, links(part(0, 5 * MIB))],
	['a part number of 10001', 13000102, links(part(10_001, 5 * MIB))],
	['a part of more than 5 GiB', 13000102, links(part(1, 5 * 1024 * MIB + 1))],
	['a part without a size', 13000102, links(part(1))],
	['more bytes than the file has', 13000102, links(part(1, 13 * MIB))],
	['a part that is too small', 13000102, links(part(1, MIB), part(2, 5 * MIB))],
	['the same part twice', 13000102, links(part(1, 5 * MIB), part(1, 5 * MIB))],
	['a part of 5 MiB', 0, links(part(1, 5 * MIB))],
	['links of an unknown file', 13000401, () => backup.links('1', [part(1, 5)])],
	['an unknown upload', 13000401, () => backup.complete('1')],
	['a complete file', 0, completeWith({ sha256: sha256(small) })],
	['another digest than arrived', 13000402, completeWith({ sha256: OTHER })],
	[
		'another digest than announced',
		13000402,
		completeWith({}, { sha256: OTHER, proofCode: OTHER }),
	],
	['another digest of the first KiB', 13000402, completeWith({}, { preHash: OTHER })],
	[
		'a missing part',
		13000402,
		async () => backup.complete((await backup.create(fileBody(large))).fileId),
	],
	['the download of no file', 13000102, () => backup.download([])],
	['101 downloads', 13000102, () => backup.download(Array<string>(101).fill('1'))],
	['a file ID that is a number', 13000102, () => backup.download([1])],
	['a download from an unknown space', 13000309, () => backup.download(['1'], '2')],
])('KooDrive responds to %s with code %s', async (_what, code, run) => {
	expect(await run()).toMatchObject(typeof code === 'number' ? { code } : { error_code: code });
});

test('KooDrive stores a file part by part, lists it when it is complete, and deletes it', async () => {
	const { fileId } = await backup.upload(large);
	const files = () => simulator.records.files.get(backup.recordId) ?? [];
	expect(files()).toEqual([]);
	await backup.complete(fileId);
	expect(files()).toMatchObject([{ fileId, size: large.length, sha256: sha256(large) }]);
	expect((await backup.complete(fileId)).code).toBe(13000401);
	expect((await backup.create(fileBody(bytesOf(9)))).fileName).toBe('report(1).pdf');
	const { batchCode, downloads } = await backup.download([fileId, '1']);
	expect([batchCode, downloads.map(({ code }) => code)]).toEqual([0, [0, 13000309]]);
	expect((await transfer(downloads[0]!.url!)).body.equals(large)).toBe(true);
	await backup.change('DELETE');
	expect(await backup.transfer(downloads[0]!.url!)).toBe('404 NoSuchKey');
});

test('KooDrive takes content for stored only if its proof code fits', async () => {
	simulator.files.add(backup.recordId, { fileName: 'old.bin', content: small });
	const { account, clock } = simulator;
	const proofBy = (origin: string) =>
		proofCode(small.subarray(...proofRange(origin, small.length)));
	const offer = async (proof: string, more: object = {}, isSigned = false) => {
		const body = fileBody(small, { sha256: sha256(small), proofCode: proof, ...more });
		const headers = { 'x-date': xDate(clock.now()), 'x-user-id': account.userId };
		const target = `/koodrive/ose/v1/backup/record/${backup.recordId}/file`;
		const request = { method: 'POST', target, headers, body: Buffer.from(JSON.stringify(body)) };
		const names = Object.keys(headers);
		const signature = signatureOf(request, names, account);
		const Authorization = `HMAC-SHA256 AppId=${account.appId},SignedHeaders=${names.join(';')},Signature=${signature}`;
		const { rapidUpload, exist } = await backup.create(
			body,
			isSigned ? { 'X-Date': headers['x-date'], Authorization } : {},
		);
		return [rapidUpload, exist];
	};
	const byToken = proofBy(`Bearer+${account.accessToken}`);
	expect(await offer(byToken)).toEqual([true, false]);
	expect(await offer(byToken, { fileName: 'old.bin' })).toEqual([true, true]);
	expect(await offer(OTHER)).toEqual([false, false]);
	expect(proofBy(account.userId)).toBe(
		'1d63ec37ab277f1fa0d9bca70b5ef3b19d107ed6379965bed3e05f4194bd46c5',
	);
	expect(await offer(proofBy(account.userId))).toEqual([false, false]);
	expect(await offer(proofBy(account.userId), { fileName: 'signed' }, true)).toEqual([true, false]);
});

type Put = (url: string, more?: object) => Promise<string>;
const put: Put = async (url, more) =>
	await backup.transfer(url, { method: 'PUT', body: small, ...more });
const get: Put = async (url, more) => await backup.transfer(url, more);
const withHeader = (name: string, value: string) => async (url: string, run: Put) =>
	await run(url, { headers: { [name]: value } });
const withUrl = (change: (url: string) => string) => async (url: string, run: Put) => {
	expect(change(url)).not.toBe(url);
	return await run(change(url));
};
const encodeAgain = (url: string) => {
	const [path, query] = url.split('?');
	return `${path}?${new URLSearchParams(query).toString()}`;
};
const MISMATCH = '403 SignatureDoesNotMatch';

test.each<[string, string, (url: string, run: Put) => Promise<string>]>([
	['its link', '200', async (url, run) => await run(url)],
	['a longer lifetime', MISMATCH, withUrl((url) => url.replace('Expires=3600', 'Expires=9999'))],
	['a space encoded otherwise', MISMATCH, withUrl((url) => url.replace('%20', '+'))],
	['an escape in upper case', MISMATCH, withUrl((url) => url.replace('%2b', '%2B'))],
	[
		'a decoded colon',
		MISMATCH,
		withUrl((url) => url.replace('%3A', ':').replace('%3B', ';').replace('%2F', '/')),
	],
	['one more parameter', MISMATCH, withUrl((url) => `${url}&x=1`)],
	['a parameter before the others', MISMATCH, withUrl((url) => url.replace('?', '?x=1&'))],
	['half a signature', MISMATCH, withUrl((url) => url.slice(0, -32))],
	['no query', MISMATCH, withUrl((url) => url.replace(/\?.*/, ''))],
	['what another client makes of its query', MISMATCH, withUrl(encodeAgain)],
	['Authorization', '400 InvalidArgument', withHeader('Authorization', 'Bearer+token')],
	['X-User-Id', '400 InvalidRequest', withHeader('X-User-Id', '1505084218764547200')],
	['X-Date', '400 InvalidRequest', withHeader('X-Date', '20251103T070140Z')],
	['x-backup-lock-id', '400 InvalidRequest', withHeader('x-backup-lock-id', 'a@100')],
	['x-amz-*', '403 AccessDenied', withHeader('x-amz-content-sha256', 'UNSIGNED-PAYLOAD')],
	[
		'another method',
		'405 MethodNotAllowed',
		async (url) => await backup.transfer(url, { method: 'POST' }),
	],
	['a link of another method', MISMATCH, async (url, run) => await (run === put ? get : put)(url)],
	[
		'an expired link',
		'403 AccessDenied',
		async (url, run) => {
			simulator.clock.advance(3_600_000);
			return await run(url);
		},
	],
])('the store responds to a request with %s with %s', async (_what, expected, run) => {
	const { multiParts } = await backup.create(fileBody(small));
	const { fileId } = simulator.files.add(backup.recordId, { fileName: 'ä b.bin', content: small });
	const { downloads } = await backup.download([fileId]);
	expect(await run(multiParts[0]!.uploadUrl, put)).toBe(expected);
	if (expected === '403 AccessDenied') simulator.clock.advance(-3_600_000);
	expect(await run(downloads[0]!.url!, get)).toBe(expected);
});

test('the store takes parts of the announced size alone, and in order', async () => {
	const { multiParts, fileId } = await backup.create(fileBody(large));
	const parts = partsOf(large);
	const send = async (index: number, body = parts[index]!) =>
		await put(multiParts[index]!.uploadUrl, { body });
	expect(await send(0, parts[0]!.subarray(1))).toBe(MISMATCH);
	expect(await put(multiParts[0]!.uploadUrl, { headers: { 'Transfer-Encoding': 'chunked' } })).toBe(
		'400 InvalidRequest',
	);
	const answers = [];
	for (const index of [1, 0, 2, 1, 0, 1, 2]) answers.push(await send(index));
	const outOfOrder = '400 InvalidPartOrder';
	expect(answers).toEqual([outOfOrder, '200', outOfOrder, '200', '200', '200', '200']);
	await send(0, bytesOf(5 * MIB, 9));
	expect((await backup.complete(fileId)).code).toBe(0);
	expect(await send(0)).toBe('404 NoSuchUpload');
});

test('the store sends a range, and signs links in the style of OBS, too', async () => {
	simulator.store.linkStyle = 'obs';
	const { fileId, multiParts } = await backup.upload(small);
	await backup.complete(fileId, { sha256: sha256(small) });
	const { url = '' } = (await backup.download([fileId])).downloads[0]!;
	expect(multiParts[0]!.uploadUrl).toMatch(/&Signature=[^&]+$/);
	expect(url).toMatch(/\?Signature=[^&]+&/);
	expect(await put(url.replace('Expires=', 'Expires=1'))).toBe(MISMATCH);
	const { status, body } = await transfer(url, { headers: { Range: 'bytes=990-' } });
	expect([status, body]).toEqual([206, small.subarray(990)]);
	expect(await get(url, { headers: { Range: 'bytes=1000-' } })).toBe('416 InvalidRange');
});
