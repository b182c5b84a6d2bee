import { DateTime } from 'luxon';

/**
 * Writes an instant for a person to read.
 *
 * @param instant milliseconds since the Unix epoch
 * @returns for example `2025-11-03 07:01:40 UTC`
 */
export function utc(instant: number): string {
	return DateTime.fromMillis(instant, { zone: 'utc', locale: 'en-US' }).toFormat(
		"yyyy-MM-dd HH:mm:ss 'UTC'",
	);
}
