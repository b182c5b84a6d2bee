import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { readFile as readWhole } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import pLimit from 'p-limit';

import { sha256 } from '../../simulator/client';
import { proofCode, proofRange } from '../../simulator/proofCode';
import type { ListedFile } from './api';
import { Api } from './api';
import type { Contender, TransferTask } from './contender';
import type { SourceFile } from './files';
import { readFile } from './files';
import { Stopwatch } from './figures';

const LINKS = 20;
const PRE_HASH_LENGTH = 1024;

/**
 * The physical limit: connections that stay open, without n8n. Each file is read once, and hashed as it's sent; in the
 * second night, those that are unchanged are only created, with their hashes.
 */
export function limit({
	endpoint,
	account,
	deviceId,
	parallel,
	partSize,
}: TransferTask): Contender {
	const api = new Api(endpoint, account, parallel);
	const inParallel = pLimit(parallel);
	return {
		async backUp(files, isSecondNight = false) {
			const stopwatch = new Stopwatch();
			const recordId = await api.makeRecord(deviceId, async (record) => {
				const upload = async (file: SourceFile) => {
					const hashes = isSecondNight ? await hashWhole(api, file) : {};
					await uploadFile(api, record, file, partSize, hashes);
				};
				await Promise.all(files.map(async (file) => await inParallel(upload, file)));
			});
			return { recordId, figures: stopwatch.stop(0) };
		},
		async restore(recordId) {
			const folder = mkdtempSync(join(tmpdir(), 'restored-'));
			const stopwatch = new Stopwatch();
			const files = await api.listFiles(recordId);
			const links = new Links(api, files, await api.findContainerId());
			const download = async (file: ListedFile) => await downloadFile(api, links, file, folder);
			await Promise.all(files.map(async (file) => await inParallel(download, file)));
			return { folder, restored: files.length, figures: stopwatch.stop(0) };
		},
	};
}

async function uploadFile(
	api: Api,
	{ recordId, lockId }: { recordId: string; lockId: string },
	file: SourceFile,
	partSize: number,
	hashes: object,
): Promise<void> {
	const { name, size } = file;
	const parts = Array.from({ length: Math.max(1, Math.ceil(size / partSize)) }, (_, index) => ({
		partNumber: index + 1,
		partSize: Math.min(partSize, size - index * partSize),
	}));
	const body = {
		fileName: name,
		fileType: '15',
		parentFolder: ['root'],
		length: size,
		mimeType: 'application/octet-stream',
		uploadMode: 'multipart',
		uploadType: 1,
		multiParts: parts,
		...hashes,
	};
	const created = await api.call('POST', `/backup/record/${recordId}/file`, { body, lockId });
	const { fileId, rapidUpload, multiParts } = created as {
		fileId: string;
		rapidUpload: boolean;
		multiParts: Array<{ uploadUrl: string }>;
	};
	if (rapidUpload) return;
	const hash = createHash('sha256');
	for (const [index, part] of parts.entries()) {
		const start = index * partSize;
		const bytes = hashed(file, start, start + part.partSize, hash);
		await api.put(multiParts[index]!.uploadUrl, part.partSize, bytes);
	}
	const completed = { fileId, sha256: hash.digest('hex') };
	await api.call('POST', '/files/complete', { body: completed, lockId });
}

/** The hashes by which a small file's content is offered. */
async function hashWhole(api: Api, { path, size }: SourceFile): Promise<object> {
	const bytes = await readWhole(path);
	const proof = bytes.subarray(...proofRange(api.authorization, size));
	return {
		sha256: sha256(bytes),
		preHash: sha256(bytes.subarray(0, PRE_HASH_LENGTH)),
		proofCode: proofCode(proof),
	};
}

async function* hashed(
	file: SourceFile,
	start: number,
	end: number,
	hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
	const bytes = readFile(file, { start, end: end - 1 });
	for await (const chunk of bytes as AsyncIterable<Buffer>) {
		hash.update(chunk);
		yield chunk;
	}
}

/** Download links, several with one request. */
class Links {
	private readonly known = new Map<string, Promise<Map<string, string>>>();

	private readonly indexes: Map<string, number>;

	constructor(
		private readonly api: Api,
		private readonly files: ListedFile[],
		private readonly containerId: string,
	) {
		this.indexes = new Map(files.map(({ fileId }, index) => [fileId, index]));
	}

	async get(fileId: string): Promise<string> {
		const group = Math.floor(this.indexes.get(fileId)! / LINKS);
		const known = this.known.get(String(group)) ?? this.ask(group);
		this.known.set(String(group), known);
		return (await known).get(fileId)!;
	}

	private async ask(group: number): Promise<Map<string, string>> {
		const files = this.files.slice(group * LINKS, (group + 1) * LINKS);
		const body = { containerId: this.containerId, fileIds: files.map(({ fileId }) => fileId) };
		const { downloads } = (await this.api.call('POST', '/files/download', { body })) as {
			downloads: Array<{ fileId: string; url: string }>;
		};
		return new Map(downloads.map(({ fileId, url }) => [fileId, url]));
	}
}

async function downloadFile(
	api: Api,
	links: Links,
	{ fileId, fileName, sha256 }: ListedFile,
	folder: string,
): Promise<void> {
	const hash = createHash('sha256');
	const response = await api.get(await links.get(fileId));
	response.on('data', (chunk: Buffer) => hash.update(chunk));
	await pipeline(response, createWriteStream(join(folder, fileName)));
	if (hash.digest('hex') !== sha256) throw new Error(`${fileName} is damaged`);
}
