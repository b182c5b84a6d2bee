import { createHash } from 'node:crypto';

import type { KooDriveSimulator } from './';
import type { KooDriveResponse } from './client';
import { send, transfer } from './client';

/** What "Creating a Backup File" answers, flat. */
export interface Created {
	fileId: string;
	fileName: string;
	rapidUpload: boolean;
	exist: boolean;
	containerId: string;
	uploadId?: string;
	multiParts: Array<{ partNumber: number; partSize: number; uploadUrl: string }>;
	code: number;
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

	async create(body: object, headers: Record<string, string> = {}) {
		const path = `/koodrive/ose/v1/backup/record/${this.recordId}/file`;
		return await this.send<Created>(path, body, headers);
	}

	async links(fileId: string, multiParts: unknown) {
		const path = '/koodrive/ose/v1/files/multipart/uploadUrl';
		return await this.send<Created>(path, { fileId, multiParts });
	}

	async complete(fileId: string, more: object = {}) {
		return await this.send('/koodrive/ose/v1/files/complete', { fileId, ...more });
	}

	async download(fileIds: unknown, containerId = this.simulator.containerId) {
		return await this.send<{
			batchCode: number;
			downloads: Array<{ fileId: string; fileName?: string; url?: string; code: number }>;
		}>('/koodrive/ose/v1/files/download', { fileIds, containerId });
	}

	/** Creates a file and uploads its parts, but doesn't complete it. */
	async upload(bytes: Buffer, more: object = {}): Promise<Created> {
		const { body } = await this.create(fileBody(bytes, more));
		for (const [index, part] of partsOf(bytes).entries()) {
			await transfer(body.multiParts[index]!.uploadUrl, { method: 'PUT', body: part });
		}
		return body;
	}

	private async send<Body = unknown>(
		path: string,
		body: object,
		headers: Record<string, string> = {},
	): Promise<KooDriveResponse<Body>> {
		const lock = { 'x-backup-lock-id': this.lockId };
		return await send<Body>(this.simulator, 'POST', path, {
			body,
			headers: { ...lock, ...headers },
		});
	}
}
