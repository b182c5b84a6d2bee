import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

import type { KooDriveSimulator } from './';

interface KooDriveRequest {
	headers: Record<string, string>;
	body: unknown;
	/** Milliseconds. */
	timeout: number;
}

export interface KooDriveResponse<Body> {
	status: number;
	headers: Headers;
	body: Body;
}

/** Sends a request to KooDrive as the simulator's user. A body that isn't text is sent as JSON. */
export async function send<Body = unknown>(
	simulator: KooDriveSimulator,
	method: string,
	path: string,
	{ headers = {}, body, timeout = 10_000 }: Partial<KooDriveRequest> = {},
): Promise<KooDriveResponse<Body>> {
	const response = await fetch(simulator.endpoint + path, {
		method,
		body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
		redirect: 'manual',
		signal: AbortSignal.timeout(timeout),
		headers: {
			Authorization: `Bearer+${simulator.account.accessToken}`,
			'X-User-Id': simulator.account.userId,
			'X-Date': xDate(simulator.clock.now()),
			...headers,
		},
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, body: parse(text) as Body };
}

/** Writes an instant as X-Date does. */
export function xDate(at: number): string {
	return new Date(Math.floor(at / 1000) * 1000).toISOString().replace(/[-:]|\.000/g, '');
}

export interface StoreResponse {
	status: number;
	headers: Record<string, unknown>;
	body: Buffer;
}

/** Sends a request to a link exactly as it is, with no headers but these, Host and Content-Length. */
export async function transfer(
	url: string,
	{
		method = 'GET',
		headers = {},
		body = Buffer.alloc(0),
		timeout = 10_000,
	}: Partial<StoreTransfer> = {},
): Promise<StoreResponse> {
	const [, origin = '', path = ''] = /^(\w+:\/\/[^/]+)(.*)$/s.exec(url) ?? [];
	const { protocol, hostname, port } = new URL(origin);
	const request = protocol === 'https:' ? requestHttps : requestHttp;
	const isChunked = 'Transfer-Encoding' in headers;
	const length = method === 'PUT' && !isChunked ? { 'Content-Length': body.length } : {};
	const options = { rejectUnauthorized: false, signal: AbortSignal.timeout(timeout), agent: false };
	return await new Promise((resolve, reject) => {
		const sent = request(
			{ ...options, hostname, port, path, method, headers: { ...length, ...headers } },
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () =>
					resolve({
						status: response.statusCode!,
						headers: response.headers,
						body: Buffer.concat(chunks),
					}),
				);
			},
		);
		sent.on('error', reject);
		sent.end(body);
	});
}

interface StoreTransfer {
	method: string;
	headers: Record<string, string>;
	body: Buffer;
	/** Milliseconds. */
	timeout: number;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Some faults send no JSON.
		return text;
	}
}
