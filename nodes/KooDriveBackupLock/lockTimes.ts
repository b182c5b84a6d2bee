import { DateTime } from 'luxon';

/** How long a lock lives from its creation or its last renewal. */
const LOCK_LIFE = { minutes: 10 };

/**
 * Works out when a lock dies.
 *
 * @param from when it was created or renewed, by KooDrive's clock: milliseconds since the Unix epoch
 * @returns both instants in ISO 8601, UTC
 * Source: KooDrive API Reference, "Backup Lock Renewal". For a lock that had expired before it was renewed,
 * the reference's two languages disagree; this assumes, as the Chinese one says, 10 minutes from the renewal.
 */
export function lockTimes(from: number): { startsAt: string; expiresAt: string } {
	const start = DateTime.fromMillis(from, { zone: 'utc' });
	return { startsAt: iso(start), expiresAt: iso(start.plus(LOCK_LIFE)) };
}

function iso(instant: DateTime): string {
	return instant.toISO() ?? '';
}
