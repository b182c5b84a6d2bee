import { createHash, createHmac } from 'node:crypto';
import { DateTime } from 'luxon';

import type { Pair } from '../wire';
import { toQuery, uriEncode } from '../wire';

/*
 * Source: KooDrive API Reference, "App-based Authentication Generation Rule", steps 1 to 4.
 */

const ALGORITHM = 'HMAC-SHA256';

/** A request, as it goes on the wire. */
export interface SignableRequest {
	method: string;
	/** Percent-encoded, without the query. */
	path: string;
	/** Decoded names and values, in any order. */
	query: readonly Pair[];
	/** The headers to sign. */
	headers: Readonly<Record<string, string>>;
	body: Uint8Array;
}

/** @returns for example `HMAC-SHA256 AppId=1,SignedHeaders=host;x-date;x-user-id,Signature=9f86...` */
export function signedAuthorization(
	appId: string,
	appSecret: string,
	request: SignableRequest,
): string {
	const stringToSign = `${ALGORITHM}\n${hexSha256(canonicalRequest(request))}`;
	const signature = createHmac('sha256', appSecret).update(stringToSign).digest('hex');
	const names = signedHeaders(request)
		.map(([name]) => name)
		.join(';');
	return `${ALGORITHM} AppId=${appId},SignedHeaders=${names},Signature=${signature}`;
}

/** @returns six parts, a line each; the fourth, CanonicalHeaders, is a line for each header and an empty one */
export function canonicalRequest(request: SignableRequest): string {
	const headers = signedHeaders(request);
	return [
		request.method.toUpperCase(),
		canonicalUri(request.path),
		canonicalQuery(request.query),
		headers.map(([name, value]) => `${name}:${value}\n`).join(''),
		headers.map(([name]) => name).join(';'),
		hexSha256(request.body),
	].join('\n');
}

/** Normalized as RFC 3986, section 5.2.4 (Remove Dot Segments), with each part encoded, and a trailing `/`. */
function canonicalUri(path: string): string {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') parts.pop();
		else if (part !== '' && part !== '.') parts.push(uriEncode(decode(part)));
	}
	return parts.length === 0 ? '/' : `/${parts.join('/')}/`;
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		// A percent sign that encodes nothing is a literal percent sign.
		return part;
	}
}

/** Sorted by name. For a name that occurs more than once the rule is silent: assumed that its values are sorted. */
function canonicalQuery(query: readonly Pair[]): string {
	return toQuery(
		[...query].sort(
			([name1, value1], [name2, value2]) =>
				byCharacterCode(name1, name2) || byCharacterCode(value1, value2),
		),
	);
}

function signedHeaders({ headers }: SignableRequest): Pair[] {
	return Object.entries(headers)
		.map(([name, value]): Pair => [name.toLowerCase(), value.trim()])
		.sort(([name1], [name2]) => byCharacterCode(name1, name2));
}

function byCharacterCode(one: string, other: string): number {
	if (one === other) return 0;
	return one < other ? -1 : 1;
}

/** @returns 64 hexadecimal digits in lower case; a text is hashed as UTF-8 */
export function hexSha256(data: Uint8Array | string): string {
	return createHash('sha256').update(data).digest('hex');
}

const SIGNING_TIME_FORMAT = "yyyyMMdd'T'HHmmss'Z'";

// The host application may set another default locale, and some locales use other digits than 0 to 9.
const AS_ON_THE_WIRE = { zone: 'utc', locale: 'en-US', numberingSystem: 'latn' } as const;

/**
 * Formats an instant for KooDrive's `X-Date` header. Fractions of a second are truncated, never rounded up, because
 * KooDrive rejects a signing time that is later than its own clock.
 *
 * @param instant milliseconds since the Unix epoch
 * @returns the signing time in UTC, for example `20251103T070140Z`
 * Source: KooDrive API Reference, "App-based Authentication Generation Rule",
 * "Authentication-related Request Headers".
 */
export function formatSigningTime(instant: number): string {
	return DateTime.fromMillis(instant, AS_ON_THE_WIRE).toFormat(SIGNING_TIME_FORMAT);
}

/**
 * Parses an `X-Date` header.
 *
 * @param signingTime for example `20251103T070140Z`
 * @returns milliseconds since the Unix epoch, or `undefined` if the text is not a signing time
 * Source: as for {@link formatSigningTime}.
 */
export function parseSigningTime(signingTime: string): number | undefined {
	const parsed = DateTime.fromFormat(signingTime, SIGNING_TIME_FORMAT, AS_ON_THE_WIRE);
	return parsed.isValid ? parsed.toMillis() : undefined;
}
