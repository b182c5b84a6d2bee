import { faults, KooDriveSimulator } from './';
import { signatureOf } from './authentication';
import { Backup, bytesOf, fileBody, MIB, partsOf, sha256 } from './backup';
import { send, transfer, xDate } from './client';
import { proofCode, proofRange } from './proofCode';

let simulator: KooDriveSimulator;
let backup: Backup;
beforeEach(async () => {
	simulator = await new KooDriveSimulator().start();
	backup = new Backup(simulator);
});
afterEach(async () => await simulator.stop());

const small = bytesOf(1000);
const large = bytesOf(12 * MIB + 5);

function proofOf(bytes: Buffer): object {
	const origin = `Bearer+${simulator.account.accessToken}`;
	const code = proofCode(bytes.subarray(...proofRange(origin, bytes.length)));
	return { sha256: sha256(bytes), proofCode: code };
}

/** Headers of app authentication for a request that creates a file. */
function signed(body: object): Record<string, string> {
	const { account, clock } = simulator;
	const headers = { 'x-date': xDate(clock.now()), 'x-user-id': account.userId };
	const target = `/koodrive/ose/v1/backup/record/${backup.recordId}/file`;
	const request = { method: 'POST', target, headers, body: Buffer.from(JSON.stringify(body)) };
	const names = Object.keys(headers);
	const signature = signatureOf(request, names, account);
	const signedHeaders = names.join(';');
	return {
		'X-Date': headers['x-date'],
		Authorization: `HMAC-SHA256 AppId=${account.appId},SignedHeaders=${signedHeaders},Signature=${signature}`,
	};
}

async function listed(recordId = backup.recordId) {
	const path = `/koodrive/ose/v1/backup/record/${recordId}/files?pageSize=100`;
	return (await send<{ data: Array<{ fileId: string }> }>(simulator, 'GET', path)).body.data;
}

async function changeRecord(method: 'PATCH' | 'DELETE', body?: object) {
	const path = `/koodrive/ose/v1/backup/record/${backup.recordId}`;
	const headers = { 'x-backup-lock-id': backup.lockId };
	return await send(simulator, method, path, { headers, body });
}

describe('uploading', () => {
	test.each([
		['an empty file', Buffer.alloc(0)],
		['a file in one part', small],
		['a file in three parts', large],
	])('takes %s and lists it when it is complete', async (_what, bytes) => {
		const { fileId } = await backup.upload(bytes, { description: 'from n8n' });
		expect(await listed()).toEqual([]);
		const digest = { sha256: sha256(bytes) };
		expect((await backup.complete(fileId, digest)).body).toEqual({ code: 0, msg: 'success' });
		expect(await listed()).toEqual([
			{
				fileId,
				fileName: 'report.pdf',
				size: bytes.length,
				description: 'from n8n',
				createTime: expect.any(String) as string,
				...digest,
			},
		]);
		expect(simulator.files.content(fileId)?.read()?.equals(bytes)).toBe(true);
	});

	test('gives out links later, as many as are asked for', async () => {
		const { body } = await backup.create(fileBody(large, { multiParts: undefined }));
		expect(body.multiParts).toEqual([]);
		for (const [index, part] of partsOf(large).entries()) {
			const wanted = [{ partNumber: index + 1, partSize: part.length }];
			const links = await backup.links(body.fileId, wanted);
			expect(links.body.multiParts).toMatchObject(wanted);
			await transfer(links.body.multiParts[0]!.uploadUrl, { method: 'PUT', body: part });
		}
		expect((await backup.complete(body.fileId)).status).toBe(200);
	});

	test('gives out no more links at a time than a test allows', async () => {
		simulator.files.mostPartsPerRequest = 2;
		expect((await backup.create(fileBody(large))).body).toMatchObject({ code: 13000102 });
		expect((await backup.create(fileBody(large.subarray(0, 6 * MIB)))).status).toBe(200);
	});

	test.each([
		['no parts', []],
		['a part number of 0', [{ partNumber: 0, partSize: 5 * MIB }]],
		['a part number of 10001', [{ partNumber: 10_001, partSize: 5 * MIB }]],
		['a part of more than 5 GiB', [{ partNumber: 1, partSize: 5 * 1024 * MIB + 1 }]],
		['a part without a size', [{ partNumber: 1 }]],
		['more bytes than the file has', [{ partNumber: 1, partSize: 13 * MIB }]],
		['a part that is too small', [{ partNumber: 1, partSize: MIB }]],
		[
			'a part that is too small before another',
			[
				{ partNumber: 1, partSize: MIB },
				{ partNumber: 2, partSize: 5 * MIB },
			],
		],
		[
			'the same part twice',
			[
				{ partNumber: 1, partSize: 5 * MIB },
				{ partNumber: 1, partSize: 5 * MIB },
			],
		],
	])('gives out no links for %s', async (_what, multiParts) => {
		const { body } = await backup.create(fileBody(large, { multiParts: undefined }));
		expect(await backup.links(body.fileId, multiParts)).toMatchObject({
			status: 400,
			body: { code: 13000102 },
		});
	});

	test('knows no upload of another file', async () => {
		const parts = [{ partNumber: 1, partSize: 5 * MIB }];
		expect((await backup.links('1', parts)).body).toMatchObject({ code: 13000401 });
		expect((await backup.complete('1')).body).toMatchObject({ code: 13000401 });
	});

	test('numbers a name that is taken', async () => {
		await backup.complete((await backup.upload(small)).fileId);
		const { body } = await backup.create(fileBody(bytesOf(9)));
		expect(body.fileName).toBe('report(1).pdf');
		const elsewhere = fileBody(bytesOf(9), { parentFolder: ['root', 'more'] });
		expect((await backup.create(elsewhere)).body.fileName).toBe('report.pdf');
	});
});

describe('creating a file', () => {
	test.each([
		['no name', { fileName: undefined }, 13000102],
		['an empty name', { fileName: '' }, 13000419],
		['the name ..', { fileName: '..' }, 13000419],
		['a slash in its name', { fileName: 'a/b' }, 13000419],
		['a name of 251 characters', { fileName: 'a'.repeat(251) }, 13000417],
		['an unknown type', { fileType: '99' }, 13000102],
		['a type that is a number', { fileType: 45 }, 13000102],
		['a parent folder that is a text', { parentFolder: 'root' }, 13000102],
		['no parent folder', { parentFolder: [] }, 13000102],
		['a length that is a text', { length: '1000' }, 13000102],
		['a negative length', { length: -1 }, 13000102],
		['more than 200 GB', { length: 200 * 1024 ** 3 + 1, multiParts: [] }, 13000102],
		['another upload mode', { uploadMode: 'content' }, 13000102],
		['another upload type', { uploadType: '1' }, 13000102],
		['a description of 513 characters', { description: 'a'.repeat(513) }, 13000102],
		['a digest without a proof code', { sha256: sha256(small) }, 13000102],
		['a proof code without a digest', { proofCode: sha256(small) }, 13000102],
		[
			'a digest in upper case',
			{ ...{ sha256: 'A'.repeat(64), proofCode: 'a'.repeat(64) } },
			13000102,
		],
		[
			'a part that is longer than it',
			{ multiParts: [{ partNumber: 1, partSize: 1001 }] },
			13000102,
		],
	])('rejects one with %s', async (_what, fields, code) => {
		expect(await backup.create(fileBody(small, fields))).toMatchObject({
			status: 400,
			body: { code },
		});
	});

	test.each([...'<>|:"*?/'])('rejects %s in a name', async (character) => {
		const { body } = await backup.create(fileBody(small, { fileName: `a${character}b` }));
		expect(body).toMatchObject({ code: 13000419 });
	});

	test('needs a lock that is alive', async () => {
		const without = await backup.create(fileBody(small), { 'x-backup-lock-id': '' });
		expect(without.body).toMatchObject({ code: 13000102 });
		simulator.clock.advance(601_000);
		expect((await backup.create(fileBody(small))).body).toMatchObject({ code: 13000309 });
	});

	test('needs a record that is not completed', async () => {
		const { fileId } = await backup.upload(small);
		await changeRecord('PATCH', {});
		expect((await backup.create(fileBody(small))).body).toMatchObject({ code: 13000102 });
		expect((await backup.complete(fileId)).body).toMatchObject({ code: 13000401 });
		expect(await listed()).toEqual([]);
		await changeRecord('DELETE');
		expect((await backup.create(fileBody(small))).body).toMatchObject({ code: 13000309 });
	});
});

describe('completing a file', () => {
	test('rejects another digest than that of the bytes that arrived', async () => {
		const { fileId } = await backup.upload(small);
		const wrong = await backup.complete(fileId, { sha256: sha256('other') });
		expect(wrong).toMatchObject({ status: 400, body: { code: 13000402 } });
		expect((await backup.complete(fileId, { sha256: sha256(small) })).status).toBe(200);
	});

	test.each([
		['another digest than the file was created with', { ...proofStub(), sha256: sha256('other') }],
		['another digest of the first KiB', { preHash: sha256('other') }],
	])('rejects %s', async (_what, fields) => {
		const { fileId } = await backup.upload(small, fields);
		expect((await backup.complete(fileId)).body).toMatchObject({ code: 13000402 });
	});

	test('rejects a file of which a part is missing', async () => {
		const { body } = await backup.create(fileBody(large));
		expect((await backup.complete(body.fileId)).body).toMatchObject({ code: 13000402 });
		const [first] = partsOf(large);
		await transfer(body.multiParts[0]!.uploadUrl, { method: 'PUT', body: first! });
		expect((await backup.complete(body.fileId)).body).toMatchObject({ code: 13000402 });
	});

	test('rejects a name that was taken in the meantime', async () => {
		const [one, two] = [await backup.upload(small), await backup.upload(bytesOf(9))];
		await backup.complete(one.fileId);
		expect((await backup.complete(two.fileId)).body).toMatchObject({ code: 13000405 });
	});

	test('succeeds a second time only if a test wants it', async () => {
		const { fileId } = await backup.upload(small);
		await backup.complete(fileId);
		expect((await backup.complete(fileId)).body).toMatchObject({ code: 13000401 });
		simulator.files.completesAgain = true;
		expect((await backup.complete(fileId)).body).toMatchObject({ code: 0 });
	});

	function proofStub() {
		return { proofCode: 'a'.repeat(64) };
	}
});

describe('content that is stored already', () => {
	beforeEach(() => simulator.files.add(backup.recordId, { fileName: 'old.bin', content: small }));

	test('is not uploaded again', async () => {
		const { body } = await backup.create(fileBody(small, proofOf(small)));
		expect(body).toMatchObject({ rapidUpload: true, exist: false, multiParts: [] });
		expect(await listed()).toMatchObject([{ fileName: 'old.bin' }, { fileId: body.fileId }]);
		expect(simulator.files.content(body.fileId)?.read()?.equals(small)).toBe(true);
	});

	test('is not uploaded again if a signed request proves it by the user ID', async () => {
		const [start, end] = proofRange(simulator.account.userId, small.length);
		const proof = { sha256: sha256(small), proofCode: proofCode(small.subarray(start, end)) };
		const body = fileBody(small, proof);
		expect((await backup.create(body)).body.rapidUpload).toBe(false);
		expect((await backup.create(body, signed(body))).body.rapidUpload).toBe(true);
	});

	test('is uploaded without a correct proof', async () => {
		const proof = { ...proofOf(small), proofCode: sha256('guessed') };
		expect((await backup.create(fileBody(small, proof))).body.rapidUpload).toBe(false);
		expect((await backup.create(fileBody(small))).body.rapidUpload).toBe(false);
	});

	test('exists if the very file is there', async () => {
		const same = fileBody(small, { ...proofOf(small), fileName: 'old.bin' });
		expect((await backup.create(same)).body).toMatchObject({ rapidUpload: true, exist: true });
		expect(await listed()).toHaveLength(1);
	});

	test('needs no proof if it is empty', async () => {
		const empty = Buffer.alloc(0);
		simulator.files.add(backup.recordId, { fileName: 'empty', content: empty });
		const { body } = await backup.create(fileBody(empty, { sha256: sha256(empty) }));
		expect(body.rapidUpload).toBe(true);
	});
});

describe('downloading', () => {
	test('gives out links for the files that exist', async () => {
		const { fileId } = simulator.files.add(backup.recordId, {
			fileName: 'ä b.bin',
			content: large,
		});
		const { body } = await backup.download([fileId, '1']);
		expect(body).toMatchObject({
			code: 0,
			batchCode: 0,
			downloads: [
				{ fileId, fileName: 'ä b.bin', code: 0 },
				{ fileId: '1', code: 13000309 },
			],
		});
		const { body: bytes } = await transfer(body.downloads[0]!.url!);
		expect(bytes.equals(large)).toBe(true);
		expect((await backup.download([fileId])).body.batchCode).toBe(1);
		expect((await backup.download(['1'])).body.batchCode).toBe(2);
	});

	test.each([
		['no files', []],
		['more than 100 files', Array<string>(101).fill('1')],
		['a file ID that is a number', [1]],
	])('gives out no links for %s', async (_what, fileIds) => {
		expect((await backup.download(fileIds)).body).toMatchObject({ code: 13000102 });
	});

	test('gives out no links for another container', async () => {
		expect((await backup.download(['1'], '2')).body).toMatchObject({ code: 13000309 });
	});
});

test('deletes the files of a record with it, but not content that other records have', async () => {
	const { fileId } = simulator.files.add(backup.recordId, { fileName: 'a', content: small });
	const waiting = await backup.upload(bytesOf(9));
	const other = new Backup(simulator);
	const { body } = await other.create(fileBody(small, proofOf(small)));
	expect(body.rapidUpload).toBe(true);
	expect((await changeRecord('DELETE')).status).toBe(200);
	expect(simulator.files.content(fileId)).toBeUndefined();
	expect((await backup.complete(waiting.fileId)).body).toMatchObject({ code: 13000401 });
	expect(simulator.files.content(body.fileId)?.read()?.equals(small)).toBe(true);
});

describe('responses', () => {
	test('lay out their fields as a test wants', async () => {
		simulator.shapes.createFile = { fields: 'data', code: 'text' };
		const { body } = await backup.create(fileBody(small));
		expect(body).toMatchObject({ data: { rapidUpload: false }, code: '0', msg: 'success' });
		expect(body).not.toHaveProperty('rapidUpload');
		simulator.shapes.completeFile.code = 'text';
		expect((await backup.complete('1')).body).toMatchObject({ code: '13000401' });
	});

	test('claim a rapid upload when told to', async () => {
		simulator.failNext(faults.rapidUpload());
		const { body } = await backup.create(fileBody(small));
		expect(body).toMatchObject({ rapidUpload: true, multiParts: [] });
		expect(await listed()).toEqual([]);
	});

	test('name another origin in their links when told to', async () => {
		simulator.failNext(
			faults.linkOrigin('http://other-host'),
			faults.linkOrigin('http://other-host'),
		);
		const { body } = await backup.create(fileBody(small));
		expect(body.multiParts[0]!.uploadUrl).toMatch(/^http:\/\/other-host\/bucket\//);
		const { fileId } = simulator.files.add(backup.recordId, { fileName: 'a', content: small });
		const links = await backup.download([fileId]);
		expect(links.body.downloads[0]!.url).toMatch(/^http:\/\/other-host\/bucket\//);
	});

	test('change as a test wants', async () => {
		simulator.failNext(faults.change((answer) => ({ ...answer, containerId: undefined })));
		expect((await backup.create(fileBody(small))).body).not.toHaveProperty('containerId');
	});
});
