import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	CompleteMultipartUploadCommand,
	CreateMultipartUploadCommand,
	GetObjectCommand,
	S3Client,
	UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { IDataObject } from 'n8n-workflow';
import S3rver from 's3rver';

import type { KooDriveSimulator } from '../simulator';
import { sha256 } from '../engine/files';

const BUCKET = 'backups';
const LINK_LIFETIME = { expiresIn: 3600 };

interface Part {
	partNumber: number;
	partSize: number;
}

interface Upload {
	recordId: string;
	uploadId: string;
	fileName: string;
	/** The parts that the store has, by number: their ETags. */
	etags: Map<number, string>;
}

/**
 * Stands between the nodes and the simulated KooDrive, and has the files stored by an S3 server that isn't ours, with
 * links that the AWS SDK signs. All other requests go through to the simulator.
 */
export class S3Proxy {
	/** What the nodes sent to the S3 server: methods, and request targets as they were sent. */
	readonly transfers: Array<{ method: string; target: string; length: number }> = [];

	/** The targets of the links that were given out. */
	readonly links = new Set<string>();

	private readonly folder = mkdtempSync(join(tmpdir(), 's3-'));

	private readonly server: Server;

	private readonly store: S3rver;

	private client!: S3Client;

	private readonly uploads = new Map<string, Upload>();

	constructor(private readonly simulator: KooDriveSimulator) {
		this.server = createServer((request, response) => void this.serve(request, response));
		this.store = new S3rver({
			address: '127.0.0.1',
			port: 0,
			silent: true,
			directory: this.folder,
			configureBuckets: [{ name: BUCKET }],
		});
	}

	get endpoint(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async start(): Promise<this> {
		await once(this.server.listen(0, '127.0.0.1'), 'listening');
		const { port } = await this.store.run();
		this.store.httpServer.on('request', (request: IncomingMessage, response: ServerResponse) => {
			const { method = '', url: target = '', headers } = request;
			// The proxy itself signs in a header.
			if (headers.authorization !== undefined) return;
			this.transfers.push({ method, target, length: Number(headers['content-length'] ?? 0) });
			response.once('finish', () => this.noteEtag(target, response));
		});
		this.client = new S3Client({
			endpoint: `http://127.0.0.1:${port}`,
			region: 'us-east-1',
			forcePathStyle: true,
			credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
			// KooDrive's links are for uploads without a checksum.
			requestChecksumCalculation: 'WHEN_REQUIRED',
		});
		return this;
	}

	async stop(): Promise<void> {
		this.client.destroy();
		this.server.closeAllConnections();
		await new Promise((done) => this.server.close(done));
		await this.store.close();
		rmSync(this.folder, { recursive: true, force: true });
	}

	private note(link: string): string {
		this.links.add(link.replace(/^http:\/\/[^/]+/, ''));
		return link;
	}

	/** Remembers the ETag of a part: the client that completes an upload names it, and here that isn't the node. */
	private noteEtag(url: string, response: ServerResponse): void {
		const { pathname, searchParams } = new URL(url, this.endpoint);
		const partNumber = Number(searchParams.get('partNumber'));
		const etag = response.getHeader('etag');
		const upload = this.uploads.get(pathname.split('/').at(-1)!);
		if (partNumber > 0 && etag !== undefined) upload?.etags.set(partNumber, String(etag));
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const text = Buffer.concat(chunks).toString();
		const answer = await this.answer(request, text).catch((error: Error) => {
			return { code: 1, msg: error.message };
		});
		response.setHeader('Content-Type', 'application/json');
		response.end(JSON.stringify(answer));
	}

	private async answer(request: IncomingMessage, text: string): Promise<unknown> {
		const path = request.url ?? '';
		const body = (text === '' ? {} : JSON.parse(text)) as {
			fileId: string;
			fileIds: string[];
			multiParts: Part[];
		};
		if (path.endsWith('/files/complete')) return await this.complete(body.fileId);
		if (path.endsWith('/files/download')) return await this.linkDownloads(body.fileIds);
		const answer = await this.forward(request, text);
		const [, recordId] = /\/record\/(\d+)\/file$/.exec(path) ?? [];
		if (recordId !== undefined && request.method === 'POST') {
			return { ...answer, ...(await this.begin(recordId, answer, body.multiParts)) };
		}
		if (!path.endsWith('/files/multipart/uploadUrl')) return answer;
		return { ...answer, multiParts: await this.linkParts(body.fileId, body.multiParts) };
	}

	private async forward({ method, url, headers }: IncomingMessage, body: string) {
		const names = ['authorization', 'x-user-id', 'x-date', 'x-backup-lock-id', 'content-type'];
		const passed = names.filter((name) => headers[name] !== undefined);
		const response = await fetch(`${this.simulator.endpoint}${url}`, {
			method,
			headers: Object.fromEntries(passed.map((name) => [name, String(headers[name])])),
			body: body === '' ? undefined : body,
		});
		return (await response.json()) as IDataObject;
	}

	private async begin(recordId: string, created: IDataObject, parts: Part[]) {
		const fileId = String(created.fileId);
		const command = new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: fileId });
		const { UploadId } = await this.client.send(command);
		const fileName = String(created.fileName);
		this.uploads.set(fileId, { recordId, uploadId: UploadId!, fileName, etags: new Map() });
		return { uploadId: UploadId, multiParts: await this.linkParts(fileId, parts) };
	}

	private async linkParts(fileId: string, parts: Part[]) {
		const { uploadId } = this.uploads.get(fileId)!;
		const links = parts.map(async ({ partNumber, partSize }) => {
			const command = new UploadPartCommand({
				Bucket: BUCKET,
				Key: fileId,
				UploadId: uploadId,
				PartNumber: partNumber,
				ContentLength: partSize,
			});
			const uploadUrl = this.note(await getSignedUrl(this.client, command, LINK_LIFETIME));
			return { partNumber, partSize, uploadUrl };
		});
		return await Promise.all(links);
	}

	private async complete(fileId: string) {
		const { recordId, uploadId, fileName, etags } = this.uploads.get(fileId)!;
		const target = { Bucket: BUCKET, Key: fileId, UploadId: uploadId };
		const parts = [...etags].map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
		await this.client.send(
			new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: parts } }),
		);
		const object = await this.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: fileId }));
		const content = Buffer.from(await object.Body!.transformToByteArray());
		const { files } = this.simulator.records;
		const file = { fileId, fileName, sha256: sha256(content), size: content.length };
		const shown = { ...file, description: '', createTime: new Date().toISOString() };
		files.set(recordId, [...(files.get(recordId) ?? []), shown]);
		return { code: 0, msg: 'success' };
	}

	private async linkDownloads(fileIds: string[]) {
		const downloads = fileIds.map(async (fileId) => {
			const command = new GetObjectCommand({ Bucket: BUCKET, Key: fileId });
			const url = this.note(await getSignedUrl(this.client, command, LINK_LIFETIME));
			const { fileName } = this.uploads.get(fileId)!;
			return { fileId, fileName, url, code: 0, msg: 'success' };
		});
		return { code: 0, msg: 'success', batchCode: 1, downloads: await Promise.all(downloads) };
	}
}
