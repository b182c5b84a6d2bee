import type { IDataObject } from 'n8n-workflow';

import { lockId } from '../shared/parameters/lockId';
import type { Success } from '../shared/run/singleCall';
import { includesLockDetails } from './fields';
import { lockTimes } from './lockTimes';

/**
 * Makes what the next step receives of a lock that was renewed.
 *
 * @param success what KooDrive answered
 * @returns the answer, with the lock's details where the user asked for them
 * Source: KooDrive API Reference, "Backup Lock Renewal".
 */
export function renewedLock({ body, answeredAt, item }: Success): IDataObject {
	if (!includesLockDetails(item)) return { ...body };
	const { startsAt: renewedAt, expiresAt } = lockTimes(answeredAt());
	return { ...body, lockId: lockId(item), renewedAt, expiresAt };
}
