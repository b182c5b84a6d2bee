import type { Failure } from '../../../shared/errors/failure';
import type { KooDriveRequest } from '../../../shared/http/request';
import type { Attempts, RequestResult } from '../../../shared/http/result';
import { toDeleteRequest } from '../record/delete';
import { readRecord, RECORD_STATUS, toRecordPath } from '../record/record';
import type { Backup } from './listBackups';

/** What fails this often in a row isn't about a single backup. */
const MAX_FAILURES_IN_A_ROW = 10;

/** A backup that couldn't be deleted. */
export interface FailedDeletion {
	recordId: string;
	failure: Failure;
	attempts: Attempts;
}

/** What came of deleting backups; those in neither list weren't tried. */
export interface Deletions {
	deleted: Backup[];
	failed: FailedDeletion[];
}

/** How backups are deleted. */
export interface DeleteContext {
	lockId: string;
	/** Sends a request with retries. */
	send: (request: KooDriveRequest) => Promise<RequestResult>;
	/** Fires when no further backup is to be deleted. */
	stopSignal: AbortSignal;
	onProgress: (deleted: number) => void;
}

/**
 * Deletes backups one after another. One that doesn't exist is taken for deleted.
 *
 * Source: KooDrive API Reference, "Deleting Backup Records".
 */
export async function deleteBackups(
	backups: readonly Backup[],
	context: DeleteContext,
): Promise<Deletions> {
	const deleted: Backup[] = [];
	const failed: FailedDeletion[] = [];
	let failuresInARow = 0;
	for (const backup of backups) {
		if (context.stopSignal.aborted || failuresInARow === MAX_FAILURES_IN_A_ROW) break;
		const failure = await deleteBackup(backup, context);
		if (context.stopSignal.aborted && failure !== undefined) break;
		failuresInARow = failure === undefined ? 0 : failuresInARow + 1;
		if (failure === undefined) deleted.push(backup);
		else failed.push(failure);
		context.onProgress(deleted.length);
	}
	return { deleted, failed };
}

/** @returns why it wasn't deleted; `undefined` where it no longer exists */
async function deleteBackup(
	{ recordId }: Backup,
	{ lockId, send }: DeleteContext,
): Promise<FailedDeletion | undefined> {
	const result = await send(toDeleteRequest(recordId, lockId));
	if (result.ok) return undefined;
	const { failure, attempts } = result;
	// KooDrive says the same of a lock that doesn't exist.
	if (failure.reason === 'notFound' && (await isGone(recordId, send))) return undefined;
	return { recordId, failure, attempts };
}

/** Source: KooDrive API Reference, "Viewing Backup Records". */
async function isGone(recordId: string, send: DeleteContext['send']): Promise<boolean> {
	const found = await send({ method: 'GET', path: toRecordPath(recordId), idempotent: true });
	if (!found.ok) return found.failure.reason === 'notFound';
	return readRecord(found.body)?.status === RECORD_STATUS.toBeDeleted;
}
