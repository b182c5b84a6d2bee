import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { toXml } from '../faults';
import type { Reply } from '../service';

const SIGNATURE = /([?&])(?:X-Amz-)?Signature=([^&]*)&?/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** Headers that are for KooDrive and must not reach another host. */
const FOREIGN = ['x-user-id', 'x-date', 'x-backup-lock-id'];

/** How a link is signed: in the manner of AWS Signature Version 4, or of OBS itself. */
export type LinkStyle = 'sigV4' | 'obs';

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
	style: LinkStyle;
}

interface SignedRequest {
	method: string;
	target: string;
	headers: IncomingHttpHeaders;
}

/**
 * Signs links. Unlike the real ones, the signature is over the path and the query as they stand in the link, so that a
 * client can't change a byte of them, and over the length of a part in each style.
 */
export class LinkSigner {
	private readonly secret = 'b7e23ec29af22b0b4e41da31e868d57226121c84';

	/** @returns the URL */
	sign(link: Link): string {
		const { method, origin, path, style } = link;
		const headers: Record<string, string> = { ...link.headers, host: new URL(origin).host };
		const parameters = style === 'obs' ? obsParameters(link) : sigV4Parameters(link, headers);
		const query = parameters.map((parameter) => parameter.join('=')).join('&');
		const signature = this.signatureOf({ method, target: `${path}?${query}`, headers }, style);
		if (style === 'sigV4') return `${origin}${path}?${query}&X-Amz-Signature=${signature}`;
		return method === 'PUT'
			? `${origin}${path}?${query}&Signature=${signature}`
			: `${origin}${path}?Signature=${signature}&${query}`;
	}

	/** @returns with what the store rejects a request before it looks at what the link is for */
	whyRejected(request: SignedRequest, now: number): Reply | undefined {
		const unwanted = whyUnwanted(request);
		if (unwanted !== undefined) return unwanted;
		if (!this.isSigned(request)) return signatureDoesNotMatch;
		return now < expiryOf(request.target) ? undefined : accessDenied('Request has expired');
	}

	private isSigned({ method, target, headers }: SignedRequest): boolean {
		const [found = '', separator = '', signature = ''] = SIGNATURE.exec(target) ?? [];
		if (found === '') return false;
		const isLast = !found.endsWith('&');
		const signed = target.replace(found, isLast ? '' : separator);
		const style = found.includes('X-Amz-') ? 'sigV4' : 'obs';
		const expected = Buffer.from(this.signatureOf({ method, target: signed, headers }, style));
		const given = Buffer.from(signature);
		return given.length === expected.length && timingSafeEqual(given, expected);
	}

	private signatureOf({ method, target, headers }: SignedRequest, style: LinkStyle): string {
		const names =
			style === 'obs'
				? ['content-length', 'host']
				: parameterOf(target, 'X-Amz-SignedHeaders').split('%3B');
		const signed = names.map((name) => `${name}:${String(headers[name] ?? '')}`);
		const digest = createHmac('sha256', this.secret).update([method, target, ...signed].join('\n'));
		return style === 'obs' ? encodeURIComponent(digest.digest('base64')) : digest.digest('hex');
	}
}

function sigV4Parameters({ query, at, lifetime }: Link, headers: Record<string, string>) {
	const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
	return [
		['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
		['X-Amz-Credential', `HST3WVLHZQ%2F${date.slice(0, 8)}%2Fregion%2Fs3%2Faws4_request`],
		['X-Amz-Date', date],
		['X-Amz-Expires', String(lifetime)],
		['X-Amz-SignedHeaders', Object.keys(headers).sort().join('%3B')],
		...query,
	];
}

function obsParameters({ query, at, lifetime }: Link) {
	const expires = Math.floor(at / 1000) + lifetime;
	return [['AccessKeyId', 'HST3WVLHZQ'], ['Expires', String(expires)], ...query];
}

/** @returns a parameter of a request target, as it stands there */
export function parameterOf(target: string, name: string): string {
	return new RegExp(`[?&]${name}=([^&]*)`).exec(target)?.[1] ?? '';
}

/** @returns milliseconds since the Unix epoch */
function expiryOf(target: string): number {
	const expires = parameterOf(target, 'Expires');
	if (expires !== '') return Number(expires) * 1000;
	const [year, month, day, hour, minute, second] = (
		DATE.exec(parameterOf(target, 'X-Amz-Date')) ?? []
	)
		.slice(1)
		.map(Number) as [number, number, number, number, number, number];
	const signed = Date.UTC(year, month - 1, day, hour, minute, second);
	return signed + Number(parameterOf(target, 'X-Amz-Expires')) * 1000;
}

function whyUnwanted({ method, headers }: SignedRequest): Reply | undefined {
	if (method !== 'PUT' && method !== 'GET') {
		return storeError(405, 'MethodNotAllowed', 'The method is not allowed.');
	}
	if (headers.authorization !== undefined) {
		return storeError(400, 'InvalidArgument', 'Only one auth mechanism allowed.');
	}
	const foreign = FOREIGN.find((name) => headers[name] !== undefined);
	if (foreign !== undefined) {
		return storeError(400, 'InvalidRequest', `The header ${foreign} is not for this host.`);
	}
	if (Object.keys(headers).some((name) => name.startsWith('x-amz-'))) {
		return accessDenied('There were headers present in the request which were not signed');
	}
	if (headers['transfer-encoding'] !== undefined) {
		return storeError(400, 'InvalidRequest', 'You must provide the Content-Length header.');
	}
	return undefined;
}

/** The store's errors are XML. */
export function storeError(status: number, code: string, message: string): Reply {
	const headers = { 'Content-Type': 'application/xml' };
	return { status, headers, body: toXml(code, message) };
}

function accessDenied(message: string): Reply {
	return storeError(403, 'AccessDenied', message);
}

const signatureDoesNotMatch = storeError(
	403,
	'SignatureDoesNotMatch',
	'The request signature we calculated does not match the signature you provided.',
);
