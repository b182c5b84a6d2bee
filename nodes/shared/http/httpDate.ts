import { DateTime } from 'luxon';

// Gateways that add their own Date make two of it, which n8n joins with a comma.
const FIRST_DATE = /^(?:\w+, )?[^,]+/;

// What RFC 9110 writes as GMT.
const OTHER_NAMES_OF_GMT = / (?:UTC|UT|Z|[+-]0000)$/;

/**
 * Reads a date in an HTTP header, the first one where there are several.
 *
 * @param value for example `Mon, 03 Nov 2025 07:01:40 GMT`
 * @returns milliseconds since the Unix epoch, or `undefined` if the header is missing or not a date
 * Source: RFC 9110, section 5.6.7 (Date/Time Formats). `UTC` and `+0000` in place of `GMT` aren't in it, but
 * servers send them.
 */
export function parseHttpDate(value: unknown): number | undefined {
	if (typeof value !== 'string') return undefined;
	const first = FIRST_DATE.exec(value)?.[0].trim().replace(OTHER_NAMES_OF_GMT, ' GMT') ?? '';
	const parsed = DateTime.fromHTTP(first, { zone: 'utc', locale: 'en-US' });
	return parsed.isValid ? parsed.toMillis() : undefined;
}

/**
 * Reads a `Retry-After` header, in either of its forms.
 *
 * @param value seconds, or a date
 * @param now the instant that a date counts from, by the server's clock: milliseconds since the Unix epoch
 * @returns milliseconds to wait, never negative, or `undefined` if the header is missing or unreadable
 * Source: RFC 9110, section 10.2.3 (Retry-After).
 */
export function parseRetryAfter(value: unknown, now: number): number | undefined {
	if (typeof value !== 'string') return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	const date = parseHttpDate(value);
	return date === undefined ? undefined : Math.max(0, date - now);
}
