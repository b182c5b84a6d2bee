import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';

import type { Account } from '../../simulator';
import { xDate } from '../../simulator/client';

const PATH = '/koodrive/ose/v1';
const MODULE_CODE = '100';

/** A file as the service lists it. */
export interface ListedFile {
	fileId: string;
	fileName: string;
	sha256: string;
	size: number;
}

/** KooDrive's API over bare `https`, with connections that stay open. */
export class Api {
	private readonly agent: Agent;

	/** @param connections how many it opens at most */
	constructor(
		private readonly endpoint: string,
		private readonly account: Account,
		connections: number,
	) {
		this.agent = new Agent({ keepAlive: true, maxSockets: connections });
	}

	get authorization(): string {
		return `Bearer+${this.account.accessToken}`;
	}

	/** Creates a lock and a record, has its files uploaded, completes it, and releases the lock. */
	async makeRecord(
		deviceId: string,
		upload: (record: { recordId: string; lockId: string }) => Promise<void>,
	): Promise<string> {
		const body = { moduleCode: MODULE_CODE, deviceId };
		const { lockId } = (await this.call('POST', '/backup/lock', { body })) as { lockId: string };
		const made = await this.call('POST', '/backup/record', { body, lockId });
		const { recordId } = made as { recordId: string };
		await upload({ recordId, lockId });
		await this.call('PATCH', `/backup/record/${recordId}`, { body: {}, lockId });
		await this.call('DELETE', '/backup/lock', { lockId });
		return recordId;
	}

	/** @returns all files of a record */
	async listFiles(recordId: string): Promise<ListedFile[]> {
		const all: ListedFile[] = [];
		let cursor = '';
		do {
			const query = `pageSize=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
			const page = await this.send('GET', `/backup/record/${recordId}/files?${query}`);
			all.push(...(page.data as ListedFile[]));
			cursor = String(page.nextCursor ?? '');
		} while (cursor !== '');
		return all;
	}

	/** @returns the space with the files */
	async findContainerId(): Promise<string> {
		const space = await this.call('GET', `/space/${this.account.userId}?type=1`);
		return String(space.containerId);
	}

	/** @returns what is under `data`, or the whole body where there is no such field */
	async call(
		method: string,
		path: string,
		options: { body?: object; lockId?: string } = {},
	): Promise<Record<string, unknown>> {
		const body = await this.send(method, path, options);
		return (body.data ?? body) as Record<string, unknown>;
	}

	/** Sends bytes to a link. */
	async put(url: string, length: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
		const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': length };
		await text(await this.open(url, { method: 'PUT', headers }, Readable.from(bytes)));
	}

	/** @returns the bytes at a link */
	async get(url: string): Promise<IncomingMessage> {
		return await this.open(url, { method: 'GET' });
	}

	private async send(
		method: string,
		path: string,
		{ body, lockId }: { body?: object; lockId?: string } = {},
	): Promise<Record<string, unknown>> {
		const content = body === undefined ? undefined : JSON.stringify(body);
		const headers = {
			Authorization: this.authorization,
			'X-User-Id': this.account.userId,
			'X-Date': xDate(Date.now()),
			...(lockId !== undefined && { 'x-backup-lock-id': lockId }),
			...(content !== undefined && { 'Content-Type': 'application/json;charset=UTF-8' }),
			...(content !== undefined && { 'Content-Length': Buffer.byteLength(content) }),
		};
		const response = await this.open(this.endpoint + PATH + path, { method, headers }, content);
		const answer = JSON.parse(await text(response)) as Record<string, unknown>;
		if (Number(answer.code ?? 0) === 0) return answer;
		throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
	}

	private async open(
		url: string,
		options: RequestOptions,
		body?: string | Readable,
	): Promise<IncomingMessage> {
		const sent = request(url, { ...options, agent: this.agent });
		const responded = once(sent, 'response') as Promise<[IncomingMessage]>;
		if (body instanceof Readable) await pipeline(body, sent);
		else sent.end(body);
		const [response] = await responded;
		if (response.statusCode === 200) return response;
		throw new Error(`HTTP ${response.statusCode}: ${await text(response)}`);
	}
}
