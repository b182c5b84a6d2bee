import type { IDataObject } from 'n8n-workflow';

import { isJsonObject, parseId } from '../http/json';
import type { KooDriveRequest } from '../http/request';

const LOCK_PATH = '/koodrive/ose/v1/backup/lock';

/** How long a lock lives after it was created or renewed, in milliseconds. Source: "Creating a Backup Lock". */
export const LOCK_LIFE = 600_000;

/** The codes of the types of backup. Source: KooDrive API Reference, "Creating a Backup Lock". */
export const MODULE_CODES = ['100', '101', '102'];

/** @returns the header that names the lock under which a request is carried out */
export function toLockHeader(lockId: string): Record<string, string> {
	return { 'x-backup-lock-id': lockId };
}

/** Sent again, it would create a second lock. Source: KooDrive API Reference, "Creating a Backup Lock". */
export function createLock(moduleCode: string): KooDriveRequest {
	return { method: 'POST', path: LOCK_PATH, body: { moduleCode }, idempotent: false };
}

/**
 * Source: KooDrive API Reference, "Backup Lock Renewal". That it may be sent again is assumed of what it does: a
 * lock that is renewed twice lives 10 minutes from the second time.
 */
export function renewLock(lockId: string): KooDriveRequest {
	return { method: 'PATCH', path: LOCK_PATH, headers: toLockHeader(lockId), idempotent: true };
}

/** Source: KooDrive API Reference, "Releasing a Backup Lock". That it may be sent again is assumed of what it does. */
export function releaseLock(lockId: string): KooDriveRequest {
	return { method: 'DELETE', path: LOCK_PATH, headers: toLockHeader(lockId), idempotent: true };
}

/** @returns the new lock's ID and what came beside it; `undefined` where the response contains none */
export function readCreatedLock({
	data,
}: IDataObject): (IDataObject & { lockId: string }) | undefined {
	if (!isJsonObject(data)) return undefined;
	const lockId = parseId(data.lockId);
	return lockId === undefined ? undefined : { ...data, lockId };
}
