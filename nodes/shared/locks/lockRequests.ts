import type { IDataObject } from 'n8n-workflow';

import { toLockHeader } from '../descriptions/lockId';
import { isJsonObject } from '../http/json';
import type { KooDriveRequest } from '../http/request';

/** The path of KooDrive's backup locks. Source: KooDrive API Reference, "Backup Lock Renewal". */
const LOCK_PATH = '/koodrive/ose/v1/backup/lock';

/** @returns the request that creates a lock. Source: "Creating a Backup Lock". */
export function toCreateLockRequest(moduleCode: string): KooDriveRequest {
	// Sent again, it would create a second lock.
	return { method: 'POST', path: LOCK_PATH, body: { moduleCode }, idempotent: false };
}

/**
 * @returns the request that renews a lock
 * Source: KooDrive API Reference, "Backup Lock Renewal". That it may be sent again is assumed of what it does: a
 * lock that is renewed twice lives 10 minutes from the second time.
 */
export function toRenewLockRequest(lockId: string): KooDriveRequest {
	return { method: 'PATCH', path: LOCK_PATH, headers: toLockHeader(lockId), idempotent: true };
}

/**
 * @returns the request that releases a lock
 * Source: KooDrive API Reference, "Releasing a Backup Lock". That it may be sent again is assumed of what it does.
 */
export function toReleaseLockRequest(lockId: string): KooDriveRequest {
	return { method: 'DELETE', path: LOCK_PATH, headers: toLockHeader(lockId), idempotent: true };
}

/**
 * @param data that of the response to {@link toCreateLockRequest}
 * @returns the new lock's ID and what came beside it; `undefined` where the response contains none
 * Source: KooDrive API Reference, "Creating a Backup Lock".
 */
export function readCreatedLock(data: unknown): (IDataObject & { lockId: string }) | undefined {
	if (!isJsonObject(data)) return undefined;
	const { lockId } = data;
	return typeof lockId === 'string' && lockId.trim() !== '' ? { ...data, lockId } : undefined;
}
