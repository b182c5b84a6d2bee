import { DateTime } from 'luxon';

/** A date and a time of day, in the extended or the basic format, as ISO 8601 or with a space between them. */
const DATE_AND_TIME =
	/^(\d{4}-?\d{2}-?\d{2})[T ](\d{2}:?\d{2}[\d:.,]*) ?(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i;

const DIGITS = /^\d+$/;

/** A number below this one counts seconds, as milliseconds it would lie in March 1973. */
const FIRST_MILLISECONDS = 1e11;

/** January 1, 2000: what is earlier was never set, like the zero of a clock. */
const EARLIEST = Date.UTC(2000, 0, 1);

/** The last instant that JavaScript can name. */
const LATEST = 8.64e15;

const UTC = { zone: 'utc', locale: 'en-US' };

/**
 * Reads the time of a record. The API Reference doesn't say how KooDrive writes it, so this accepts ISO 8601 (with a
 * date and a time of day), the form of X-Date (`20251103T070140Z`), RFC 1123, and seconds or milliseconds since the
 * Unix epoch, as a number or as digits. A time without a zone is assumed to be UTC, as X-Date is.
 *
 * @returns milliseconds since the Unix epoch; `undefined` where it can't be read
 * Source: ISO 8601-1, RFC 1123, section 5.2.14; KooDrive API Reference, "Authentication-related Request Headers".
 */
export function parseRecordTime(value: unknown): number | undefined {
	const time = typeof value === 'string' ? parseText(value.trim()) : parseEpoch(value);
	return time !== undefined && time >= EARLIEST ? time : undefined;
}

function parseText(text: string): number | undefined {
	if (DIGITS.test(text)) return parseEpoch(Number(text));
	const [, date, timeOfDay, zone = ''] = DATE_AND_TIME.exec(text) ?? [];
	const parsed =
		date === undefined
			? DateTime.fromRFC2822(text, UTC)
			: DateTime.fromISO(`${date}T${timeOfDay}${zone.toUpperCase()}`, UTC);
	return parsed.isValid ? parsed.toMillis() : undefined;
}

function parseEpoch(value: unknown): number | undefined {
	if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
	const time = value < FIRST_MILLISECONDS ? value * 1000 : value;
	return time <= LATEST ? time : undefined;
}
