import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../shared/failures/failure';
import type { Background, Item } from '../shared/run/operation';
import type { Success } from '../shared/run/singleCall';
import { includesLockDetails, lockId } from './fields';
import { lockTimes } from './lockTimes';

/**
 * Finds out whether a lock was lost while it was kept alive: then there is nothing left to renew.
 *
 * @param item the item that names the lock
 * @param background what is done for the item until the execution ends
 * @returns why and when it was lost, or `undefined`
 * @throws UserError when the Lock ID cannot be sent
 */
export function notLost(item: Item, background: Background): Failure | undefined {
	return background.lossOf(lockId(item));
}

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
