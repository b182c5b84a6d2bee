import { createHash } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

import type { KooDriveSimulator } from './';

interface KooDriveRequest {
	headers: Record<string, string>;
	body: unknown;
}

interface StoreTransfer {
	method: string;
	headers: Record<string, string>;
	body: Buffer;
}

export interface Response<Body> {
	status: number;
	body: Body;
}

/** Sends a request to KooDrive as the simulator's user. A body that isn't text is sent as JSON. */
async function send<Body>(
	simulator: KooDriveSimulator,
	method: string,
	path: string,
	{ headers = {}, body }: Partial<KooDriveRequest> = {},
): Promise<Response<Body>> {
	const response = await fetch(`${simulator.endpoint}/koodrive/ose/v1/${path}`, {
		method,
		body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
		headers: {
			Authorization: `Bearer+${simulator.account.accessToken}`,
			'X-User-Id': simulator.account.userId,
			'X-Date': xDate(simulator.clock.now()),
			...headers,
		},
	});
	return { status: response.status, body: (await response.json()) as Body };
}

/** Writes an instant as X-Date does. */
export function xDate(at: number): string {
	return new Date(Math.floor(at / 1000) * 1000).toISOString().replace(/[-:]|\.000/g, '');
}

/** Sends a request to a link exactly as it is, with no headers but these, Host and Content-Length. */
export async function transfer(
	url: string,
	{ method = 'GET', headers = {}, body = Buffer.alloc(0) }: Partial<StoreTransfer> = {},
): Promise<Response<Buffer>> {
	const [, origin = '', path = ''] = /^(\w+:\/\/[^/]+)(.*)$/s.exec(url) ?? [];
	const { protocol, hostname, port } = new URL(origin);
	const request = protocol === 'https:' ? requestHttps : requestHttp;
	const isChunked = 'Transfer-Encoding' in headers;
	const length = method === 'PUT' && !isChunked ? { 'Content-Length': body.length } : {};
	const options = { rejectUnauthorized: false, agent: false };
	return await new Promise((resolve, reject) => {
		const sent = request(
			{ ...options, hostname, port, path, method, headers: { ...length, ...headers } },
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () =>
					resolve({ status: response.statusCode!, body: Buffer.concat(chunks) }),
				);
			},
		);
		sent.on('error', reject);
		sent.end(body);
	});
}

/** What "Creating a Backup File" responds with, flat. */
export interface Created {
	code: number;
	fileId: string;
	fileName: string;
	rapidUpload: boolean;
	exist: boolean;
	multiParts: Array<{ partNumber: number; partSize: number; uploadUrl: string }>;
}

export interface Downloads {
	code: number;
	batchCode: number;
	downloads: Array<{ fileId: string; fileName?: string; url?: string; code: number }>;
}

export const MIB = 1024 * 1024;

/** Bytes that differ from file to file, in a pattern. */
export function bytesOf(length: number, seed = 0): Buffer {
	const pattern = Buffer.from(Array.from({ length: 251 }, (_none, index) => (index + seed) % 251));
	return Buffer.alloc(length, pattern);
}

export function sha256(bytes: Buffer | string): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** Divides bytes into parts of 5 MiB; no bytes are one empty part. */
export function partsOf(bytes: Buffer): Buffer[] {
	const parts: Buffer[] = [];
	for (let start = 0; start < bytes.length || parts.length === 0; start += 5 * MIB) {
		parts.push(bytes.subarray(start, start + 5 * MIB));
	}
	return parts;
}

/** A body of "Creating a Backup File" that KooDrive accepts. */
export function fileBody(bytes: Buffer, more: object = {}) {
	const multiParts = partsOf(bytes).map(({ length }, index) => ({
		partNumber: index + 1,
		partSize: length,
	}));
	return {
		fileName: 'report.pdf',
		fileType: '45',
		parentFolder: ['root'],
		length: bytes.length,
		uploadMode: 'multipart',
		uploadType: 1,
		multiParts,
		...more,
	};
}

/** A backup that is under way: a lock, a record, and the calls for its files. */
export class Backup {
	readonly lockId: string;

	readonly recordId: string;

	constructor(readonly simulator: KooDriveSimulator) {
		this.lockId = simulator.locks.create('100');
		this.recordId = simulator.records.create('100', 'device').recordId;
	}

	/** @param path after `/koodrive/ose/v1/` */
	async send<Body = { code: number }>(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = {},
	): Promise<Body> {
		const withLock = { 'x-backup-lock-id': this.lockId, ...headers };
		return (await send<Body>(this.simulator, method, path, { body, headers: withLock })).body;
	}

	async create(body: object, headers?: Record<string, string>): Promise<Created> {
		return await this.send('POST', `backup/record/${this.recordId}/file`, body, headers);
	}

	async links(fileId: string, multiParts: unknown): Promise<Created> {
		return await this.send('POST', 'files/multipart/uploadUrl', { fileId, multiParts });
	}

	async complete(fileId: string, more: object = {}): Promise<{ code: number }> {
		return await this.send('POST', 'files/complete', { fileId, ...more });
	}

	async download(fileIds: unknown, containerId = this.simulator.containerId): Promise<Downloads> {
		return await this.send('POST', 'files/download', { fileIds, containerId });
	}

	async change(method: 'PATCH' | 'DELETE', body?: object): Promise<{ code: number }> {
		return await this.send(method, `backup/record/${this.recordId}`, body);
	}

	/** Creates a file and uploads its parts, but doesn't complete it. */
	async upload(bytes: Buffer, more: object = {}): Promise<Created> {
		const created = await this.create(fileBody(bytes, more));
		for (const [index, part] of partsOf(bytes).entries()) {
			await transfer(created.multiParts[index]!.uploadUrl, { method: 'PUT', body: part });
		}
		return created;
	}

	/** Sends a part, or asks for an object, and returns the status and the error code of the store. */
	async transfer(url: string, options: Partial<StoreTransfer> = {}): Promise<string> {
		const { status, body } = await transfer(url, options);
		const code = /<Code>(\w+)<\/Code>/.exec(body.toString('latin1'))?.[1];
		return [status, code].filter((part) => part !== undefined).join(' ');
	}
}
