import { DateTime } from 'luxon';

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
