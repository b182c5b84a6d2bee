import { DateTime } from 'luxon';

/**
 * Reads a date in an HTTP header.
 *
 * @param value for example `Mon, 03 Nov 2025 07:01:40 GMT`
 * @returns milliseconds since the Unix epoch, or `undefined` if the header is missing or not a date
 * Source: RFC 9110, section 5.6.7 (Date/Time Formats).
 */
export function parseHttpDate(value: unknown): number | undefined {
	if (typeof value !== 'string') return undefined;
	const parsed = DateTime.fromHTTP(value, { zone: 'utc', locale: 'en-US' });
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
