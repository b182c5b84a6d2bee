import { uriEncode } from '../../../credentials/wire';
import { isJsonObject } from '../../shared/http/json';
import { RequestFailedError } from '../../shared/http/result';
import type { Transfer } from './transfer';

/**
 * Finds the space that backup files are in. That it's the user's individual space (`type=1`) is assumed: a BackupFile
 * doesn't say where it is.
 *
 * @returns its `containerId`
 * @throws RequestFailedError when KooDrive names none
 * Source: KooDrive API Reference, "Querying Space Information".
 */
export async function findContainerId(transfer: Transfer): Promise<string> {
	const { userId } = transfer.item.client;
	const { data } = await transfer.request({
		method: 'GET',
		path: `/koodrive/ose/v1/space/${uriEncode(userId)}`,
		query: [['type', '1']],
		idempotent: true,
		codeMayBeText: true,
	});
	const containerId = isJsonObject(data) ? data.containerId : undefined;
	if (typeof containerId === 'string' || typeof containerId === 'number')
		return String(containerId);
	throw new RequestFailedError({ reason: 'responseIncomplete', detail: 'no container ID' });
}
