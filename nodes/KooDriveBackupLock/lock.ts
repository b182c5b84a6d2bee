import type { IDataObject } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { LOCK_LIFE } from '../shared/api/locks';
import { booleanField, numberField } from '../shared/execution/fields';
import type { Success } from '../shared/execution/requestOperation';
import type { RenewalTiming } from '../shared/leases/locks';

/** The entry of the Options that adds the lock's ID and times to the output. */
export const includeLockDetails = booleanField({
	displayName: 'Include Lock Details',
	name: 'includeLockDetails',
	type: 'boolean',
	default: false,
	description:
		"Whether to add the lock's ID, the time of its creation or renewal, and its expiration time to the output",
});

/** How a lock is renewed in the background. */
export const renewalFields = {
	renewEvery: numberField({
		displayName: 'Renew Every (Seconds)',
		name: 'renewEvery',
		type: 'number',
		typeOptions: { minValue: 10, maxValue: 540, numberPrecision: 0 },
		default: 200,
		description:
			'Seconds between renewals (10 to 540). With the default of 200, the lock survives two missed renewals.',
	}),
	stopAfter: numberField({
		displayName: 'Stop After (Minutes)',
		name: 'stopAfter',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 10_080, numberPrecision: 0 },
		default: 1_440,
		description:
			'Minutes after which renewing stops even if the workflow is still running (1 to 10080, a week). Set it to more than your longest backup takes.',
	}),
};

/** @param entered seconds and minutes, as the fields have them */
export function toRenewalTiming(entered: RenewalTiming): RenewalTiming {
	return { renewEvery: entered.renewEvery * 1_000, stopAfter: entered.stopAfter * 60_000 };
}

/** @returns KooDrive's response, with the lock's details where the user asked for them */
export function toRenewedLock(
	{ body, getResponseTime }: Success,
	{ lockId, ...details }: { lockId: string; includeLockDetails: boolean },
): IDataObject {
	if (!details.includeLockDetails) return { ...body };
	const { startsAt: renewedAt, expiresAt } = toLockTimes(getResponseTime());
	return { ...body, lockId, renewedAt, expiresAt };
}

/**
 * Works out when a lock expires.
 *
 * @param from when it was created or renewed, by KooDrive's clock: milliseconds since the Unix epoch
 * @returns both instants in ISO 8601, UTC
 * Source: KooDrive API Reference, "Backup Lock Renewal". For a lock that had expired before it was renewed,
 * the reference's two languages disagree; this assumes, as the Chinese one says, 10 minutes from the renewal.
 */
export function toLockTimes(from: number): { startsAt: string; expiresAt: string } {
	return { startsAt: toIso(from), expiresAt: toIso(from + LOCK_LIFE) };
}

function toIso(instant: number): string {
	return DateTime.fromMillis(instant, { zone: 'utc' }).toISO() ?? '';
}
