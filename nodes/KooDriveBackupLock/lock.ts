import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { DateTime } from 'luxon';

import type { ItemParameters } from '../shared/descriptions/itemParameters';
import { readLockId } from '../shared/descriptions/lockId';
import { readBooleanOption } from '../shared/descriptions/readBoolean';
import type { Failure } from '../shared/errors/failure';
import type { NodeLeases } from '../shared/execution/nodeLeases';
import type { Success } from '../shared/execution/singleRequest';

/** How long a lock lives after it was created or renewed. Source: "Creating a Backup Lock". */
const LOCK_LIFE = { minutes: 10 };

/** What an item says about a lock that exists. */
export interface LockInput {
	lockId: string;
	includeLockDetails: boolean;
}

/** The entry of the Options that adds the lock's ID and times to the output. */
export const includeLockDetailsOption: INodeProperties = {
	displayName: 'Include Lock Details',
	name: 'includeLockDetails',
	type: 'boolean',
	default: false,
	description:
		"Whether to add the lock's ID, the time of its creation or renewal, and its expiration time to the output",
};

/** @throws UserError when a parameter isn't valid */
export function readIncludeLockDetails(item: ItemParameters): boolean {
	return readBooleanOption(item, includeLockDetailsOption);
}

/** @throws UserError when a parameter isn't valid */
export function readLock(item: ItemParameters): LockInput {
	return { lockId: readLockId(item), includeLockDetails: readIncludeLockDetails(item) };
}

/** Nothing can be done under a lock that was lost. */
export function requireNotLost({ lockId }: LockInput, leases: NodeLeases): Failure | undefined {
	return leases.getLoss(lockId);
}

/** @returns KooDrive's response, with the lock's details where the user asked for them */
export function toRenewedLock({ body, input, getResponseTime }: Success<LockInput>): IDataObject {
	if (!input.includeLockDetails) return { ...body };
	const { startsAt: renewedAt, expiresAt } = toLockTimes(getResponseTime());
	return { ...body, lockId: input.lockId, renewedAt, expiresAt };
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
	const start = DateTime.fromMillis(from, { zone: 'utc' });
	return { startsAt: toIso(start), expiresAt: toIso(start.plus(LOCK_LIFE)) };
}

function toIso(instant: DateTime): string {
	return instant.toISO() ?? '';
}
