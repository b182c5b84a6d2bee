import { UserError } from 'n8n-workflow';

import { getRecord, readRecord, readStatus, RECORD_STATUS } from '../../../shared/api/records';
import { quoteId } from '../../../shared/errors/quote';
import { RequestFailedError } from '../../../shared/errors/requestFailedError';
import type { Transfer } from '../../transfer/transfer';

/**
 * Makes sure that a record is that of a completed backup.
 *
 * @returns its ID
 * @throws UserError when it isn't complete
 * @throws RequestFailedError when it can't be read
 * Source: KooDrive API Reference, "Viewing Backup Records".
 */
export async function requireCompleted(transfer: Transfer, recordId: string): Promise<string> {
	const { body } = await transfer.request(getRecord(recordId));
	const record = readRecord(body);
	if (record === undefined) throw new RequestFailedError({ reason: 'responseIncomplete' });
	if (readStatus(record) === RECORD_STATUS.completed) return recordId;
	throw new UserError(
		`The backup of record ${quoteId(recordId)} isn't complete. Select another record.`,
	);
}
