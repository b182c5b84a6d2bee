import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Whom the simulator knows. */
export interface Account {
	userId: string;
	/** The access token, without any prefix. */
	accessToken: string;
	appId: string;
	appSecret: string;
}

/** A request as it came over the wire. */
export interface WireRequest {
	method: string;
	/** The request target: the path and the query. */
	target: string;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

const FIFTEEN_MINUTES = 15 * 60 * 1000;
const X_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const SIGNED = /^HMAC-SHA256 AppId=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$/;

/**
 * Decides as KooDrive does whether a request may pass. Written from the API reference alone ("Authentication",
 * "App-based Authentication Generation Rule"), without a line of the product's.
 *
 * @returns why not, or `undefined`
 */
export function whyRefused(
	request: WireRequest,
	account: Account,
	now: number,
): 'signing time' | 'credential' | 'user' | undefined {
	const date = X_DATE.exec(String(request.headers['x-date'] ?? ''));
	if (date === null) return 'signing time';
	const [year, month, day, hour, minute, second] = date.slice(1).map(Number) as [
		number,
		number,
		number,
		number,
		number,
		number,
	];
	const signed = Date.UTC(year, month - 1, day, hour, minute, second);
	if (signed > now || now - signed > FIFTEEN_MINUTES) return 'signing time';

	const authorization = request.headers.authorization ?? '';
	const accepted = authorization.startsWith('HMAC')
		? isSignedBy(request, authorization, account)
		: authorization === `Bearer+${account.accessToken}` ||
			authorization === `Bearer ${account.accessToken}`;
	if (!accepted) return 'credential';
	return request.headers['x-user-id'] === account.userId ? undefined : 'user';
}

function isSignedBy(request: WireRequest, authorization: string, account: Account): boolean {
	const match = SIGNED.exec(authorization);
	if (match === null) return false;
	const [, appId, names = '', signature = ''] = match;
	const signedNames = names.split(';');
	if (appId !== account.appId) return false;
	if (!signedNames.includes('x-date') || !signedNames.includes('x-user-id')) return false;
	const expected = signatureOf(request, signedNames, account);
	return timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
}

/** @returns the hex signature of a request that signs these headers, named in lower case */
export function signatureOf(
	request: WireRequest,
	signedNames: string[],
	{ appSecret }: Account,
): string {
	return createHmac('sha256', appSecret)
		.update(`HMAC-SHA256\n${sha256(canonical(request, signedNames))}`)
		.digest('hex');
}

function canonical(request: WireRequest, signedNames: string[]): string {
	const mark = request.target.indexOf('?');
	const path = mark < 0 ? request.target : request.target.slice(0, mark);
	const query = mark < 0 ? '' : request.target.slice(mark + 1);
	let uri = '/';
	for (const segment of new URL(path, 'http://host').pathname.split('/')) {
		if (segment !== '') uri += `${escape3986(unescape(segment))}/`;
	}
	let headerLines = '';
	for (const name of [...signedNames].sort()) {
		headerLines += `${name}:${String(request.headers[name] ?? '').trim()}\n`;
	}
	return [
		request.method,
		uri,
		canonicalQuery(query),
		headerLines,
		[...signedNames].sort().join(';'),
		sha256(request.body),
	].join('\n');
}

function canonicalQuery(query: string): string {
	if (query === '') return '';
	const entries = query.split('&').map((entry) => {
		const equals = entry.indexOf('=');
		const name = equals < 0 ? entry : entry.slice(0, equals);
		const value = equals < 0 ? '' : entry.slice(equals + 1);
		return { name: unescape(name), value: unescape(value) };
	});
	entries.sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
	return entries.map(({ name, value }) => `${escape3986(name)}=${escape3986(value)}`).join('&');
}

function compare(a: string, b: string): number {
	return a < b ? -1 : Number(a > b);
}

function unescape(text: string): string {
	return Buffer.from(
		text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
		// Bytes above 127 came percent-encoded and stand in the string one by one.
		'latin1',
	).toString('utf8');
}

function escape3986(text: string): string {
	let escaped = '';
	for (const byte of Buffer.from(text, 'utf8')) {
		const character = String.fromCharCode(byte);
		escaped += /[A-Za-z0-9\-_.~]/.test(character)
			? character
			: `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
	}
	return escaped;
}

function sha256(data: string | Buffer): string {
	return createHash('sha256').update(data).digest('hex');
}
