import { UserError } from 'n8n-workflow';

import { quoteId } from '../../../shared/errors/quote';
import type { Transfer } from '../../transfer/transfer';
import type { BackupQuery } from './listBackups';
import { listBackups } from './listBackups';

/**
 * Finds the completed backup of a device that was created last.
 *
 * @returns the ID of its record
 * @throws UserError when there is none, or it isn't known which one it is
 * @throws RequestFailedError when the list can't be read
 */
export async function findLatest(
	transfer: Transfer,
	query: Pick<BackupQuery, 'moduleCode' | 'zone'> & { deviceId: string },
): Promise<string> {
	const { serverClock } = transfer.item.client;
	const { devices } = await listBackups({
		...query,
		send: async (request) => await transfer.tryRequest(request),
		now: () => serverClock.now(),
	});
	const { completed = [], obstacle } =
		devices.find(({ deviceId }) => deviceId === query.deviceId) ?? {};
	if (obstacle !== undefined) {
		throw new UserError(
			`It's unknown which backup of the device is the latest, because ${obstacle}. Set 'Source' to 'Record', and select a record.`,
		);
	}
	if (completed.length === 0) {
		throw new UserError(
			`Device ${quoteId(query.deviceId)} has no completed backup of this type. Check 'Device' and 'Module Code'.`,
		);
	}
	return completed.reduce((latest, backup) => (backup.time > latest.time ? backup : latest))
		.recordId;
}
