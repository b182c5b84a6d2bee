import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const SIGNED = /^(.*)&X-Amz-Signature=([0-9a-f]{64})$/s;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** A link to sign. */
export interface Link {
	method: 'GET' | 'PUT';
	origin: string;
	/** Encoded, as it stands in the link. */
	path: string;
	/** Names and values, encoded as they stand in the link. */
	query: Array<[name: string, value: string]>;
	/** The headers that the request must bear, besides Host. */
	headers: Record<string, string>;
	/** When it is signed: milliseconds since the Unix epoch. */
	at: number;
	/** Seconds. */
	lifetime: number;
}

export type Refusal = 'signature' | 'expired';

/**
 * Signs links in the manner of AWS Signature Version 4. Unlike the real one, the signature is over the path and the
 * query as they stand in the link, so that a client can't change a byte of them.
 */
export class LinkSigner {
	private readonly secret = 'b7e23ec29af22b0b4e41da31e868d57226121c84';

	/** @returns the URL */
	sign({ method, origin, path, query, headers, at, lifetime }: Link): string {
		const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
		const signedHeaders: Record<string, string> = { ...headers, host: new URL(origin).host };
		const names = Object.keys(signedHeaders).sort();
		const parameters = [
			['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
			['X-Amz-Credential', `HST3WVLHZQ%2F${date.slice(0, 8)}%2Fregion%2Fs3%2Faws4_request`],
			['X-Amz-Date', date],
			['X-Amz-Expires', String(lifetime)],
			['X-Amz-SignedHeaders', names.join('%3B')],
			...query,
		];
		const target = `${path}?${parameters.map((parameter) => parameter.join('=')).join('&')}`;
		const signature = this.signatureOf(method, target, names, signedHeaders);
		return `${origin}${target}&X-Amz-Signature=${signature}`;
	}

	/** @returns why a request may not use its link at this time, or `undefined` if it may */
	whyRefused(
		{ method, target, headers }: { method: string; target: string; headers: IncomingHttpHeaders },
		now: number,
	): Refusal | undefined {
		const [, signedTarget = '', signature = ''] = SIGNED.exec(target) ?? [];
		const names = parameterOf(target, 'X-Amz-SignedHeaders').split('%3B');
		const expected = this.signatureOf(method, signedTarget, names, headers);
		if (signature.length !== expected.length) return 'signature';
		if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return 'signature';
		return now < expiryOf(target) ? undefined : 'expired';
	}

	private signatureOf(
		method: string,
		target: string,
		names: string[],
		headers: IncomingHttpHeaders,
	): string {
		const signed = names.map((name) => `${name}:${String(headers[name] ?? '')}`);
		return createHmac('sha256', this.secret)
			.update([method, target, ...signed].join('\n'))
			.digest('hex');
	}
}

/** @returns a parameter of a request target, as it stands there */
export function parameterOf(target: string, name: string): string {
	return new RegExp(`[?&]${name}=([^&]*)`).exec(target)?.[1] ?? '';
}

function expiryOf(target: string): number {
	const [year, month, day, hour, minute, second] = (
		DATE.exec(parameterOf(target, 'X-Amz-Date')) ?? []
	)
		.slice(1)
		.map(Number) as [number, number, number, number, number, number];
	const signed = Date.UTC(year, month - 1, day, hour, minute, second);
	return signed + Number(parameterOf(target, 'X-Amz-Expires')) * 1000;
}
