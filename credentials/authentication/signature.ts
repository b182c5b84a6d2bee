import { createHash, createHmac } from 'node:crypto';

import type { Pair } from '../wire/query';
import { toQuery, uriEncode } from '../wire/query';

/*
 * Source of every function here: KooDrive API Reference, "App-based Authentication Generation Rule", its
 * steps 1 to 4. The functions have the names of the rule's parts.
 */

export const ALGORITHM = 'HMAC-SHA256';

/** A request, as it goes on the wire. */
export interface SignableRequest {
	method: string;
	/** The path, still percent-encoded, without the query. */
	path: string;
	/** The query's decoded names and values, in any order. */
	query: readonly Pair[];
	/** The headers to sign. */
	headers: Readonly<Record<string, string>>;
	/** The bytes of the body; empty where there is none. */
	body: Uint8Array;
}

/**
 * CanonicalURI: the path normalized, each of its parts encoded, and a trailing `/`.
 *
 * @param path the path, percent-encoded as it is sent
 * @returns for example `/koodrive/ose/v1/backup/lock/`
 * Source: step 1; RFC 3986, section 5.2.4 (Remove Dot Segments).
 */
export function canonicalUri(path: string): string {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') parts.pop();
		else if (part !== '' && part !== '.') parts.push(uriEncode(decoded(part)));
	}
	return parts.length === 0 ? '/' : `/${parts.join('/')}/`;
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		// A percent sign that encodes nothing is a literal percent sign.
		return part;
	}
}

/**
 * CanonicalQueryString: names and values encoded, sorted by the character codes of the name.
 *
 * @param query the decoded names and values
 * @returns for example `cursor=&pageSize=1`
 * Source: step 1. For a name that occurs more than once the rule is silent; its values are sorted likewise.
 */
export function canonicalQuery(query: SignableRequest['query']): string {
	const sorted = [...query].sort(
		([name1, value1], [name2, value2]) =>
			byCharacterCode(name1, name2) || byCharacterCode(value1, value2),
	);
	return toQuery(sorted);
}

function byCharacterCode(one: string, other: string): number {
	if (one === other) return 0;
	return one < other ? -1 : 1;
}

/**
 * SignedHeaders: the names of the signed headers.
 *
 * @param headers the headers to sign
 * @returns for example `host;x-date;x-user-id`
 * Source: step 1.
 */
export function signedHeaders(headers: SignableRequest['headers']): string {
	return Object.keys(headers)
		.map((name) => name.toLowerCase())
		.sort(byCharacterCode)
		.join(';');
}

/**
 * CanonicalHeaders: a line for each signed header, each ended by a line feed.
 *
 * @param headers the headers to sign
 * @returns for example `host:example.com\nx-date:20251103T070140Z\n`
 * Source: step 1.
 */
export function canonicalHeaders(headers: SignableRequest['headers']): string {
	return Object.entries(headers)
		.map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
		.sort(([name1], [name2]) => byCharacterCode(name1, name2))
		.map(([name, value]) => `${name}:${value}\n`)
		.join('');
}

/**
 * The hash of a request's body or of a canonical request.
 *
 * @param data bytes, or a text that is hashed as UTF-8
 * @returns SHA-256, 64 hexadecimal digits in lower case
 * Source: steps 1 and 2; RFC 6234.
 */
export function hexSha256(data: Uint8Array | string): string {
	return createHash('sha256').update(data).digest('hex');
}

/**
 * CanonicalRequest: the six parts of a request, a line each.
 *
 * @param request the request as it goes on the wire
 * @returns the canonical request
 * Source: step 1.
 */
export function canonicalRequest(request: SignableRequest): string {
	return [
		request.method.toUpperCase(),
		canonicalUri(request.path),
		canonicalQuery(request.query),
		canonicalHeaders(request.headers),
		signedHeaders(request.headers),
		hexSha256(request.body),
	].join('\n');
}

/**
 * StringToSign: the algorithm's name and the hash of the canonical request.
 *
 * @param canonical the canonical request
 * @returns the two lines
 * Source: step 2.
 */
export function stringToSign(canonical: string): string {
	return `${ALGORITHM}\n${hexSha256(canonical)}`;
}

/**
 * Signature: the keyed hash of the string to sign.
 *
 * @param appSecret the key
 * @param text the string to sign
 * @returns 64 hexadecimal digits in lower case
 * Source: step 3; RFC 2104.
 */
export function signature(appSecret: string, text: string): string {
	return createHmac('sha256', appSecret).update(text).digest('hex');
}

/**
 * The Authorization header of a signed request.
 *
 * @param appId names the secret that signed it
 * @param appSecret the key
 * @param request the request as it goes on the wire
 * @returns for example `HMAC-SHA256 AppId=1,SignedHeaders=host;x-date;x-user-id,Signature=9f86...`
 * Source: step 4.
 */
export function signedAuthorization(
	appId: string,
	appSecret: string,
	request: SignableRequest,
): string {
	const signed = signature(appSecret, stringToSign(canonicalRequest(request)));
	return `${ALGORITHM} AppId=${appId},SignedHeaders=${signedHeaders(request.headers)},Signature=${signed}`;
}
