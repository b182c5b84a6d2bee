import type { IHttpRequestMethods } from 'n8n-workflow';

import { lockHeader } from '../shared/parameters/lockId';
import type { Item } from '../shared/run/operation';
import type { KooDriveRequest } from '../shared/transport/request';

/** Where KooDrive keeps its backup locks. Source: KooDrive API Reference, "Backup Lock Renewal". */
export const LOCK_PATH = '/koodrive/ose/v1/backup/lock';

/**
 * Makes a request about the lock that an item names.
 *
 * @param method what to do with it
 * @param item the item
 * @returns the request
 * @throws UserError when the Lock ID cannot be sent
 * Source: KooDrive API Reference, "Backup Lock Renewal" and "Releasing a Backup Lock". That both may be sent
 * again is assumed of what they do: a lock that is renewed twice lives 10 minutes from the second time.
 */
export function lockRequest(method: IHttpRequestMethods, item: Item): KooDriveRequest {
	return {
		method,
		path: LOCK_PATH,
		headers: lockHeader(item),
		idempotent: true,
	};
}
