import { DateTime } from 'luxon';

/**
 * @param instant milliseconds since the Unix epoch
 * @returns for example `2025-11-03 07:01:40 UTC`
 */
export function formatUtc(instant: number): string {
	return DateTime.fromMillis(instant, { zone: 'utc', locale: 'en-US' }).toFormat(
		"yyyy-MM-dd HH:mm:ss 'UTC'",
	);
}
