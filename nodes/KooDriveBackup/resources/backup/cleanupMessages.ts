import { explainCause, explainFailure } from '../../../shared/errors/describeFailure';
import type { Failure } from '../../../shared/errors/failure';
import { RequestFailedError } from '../../../shared/errors/failure';
import { quoteId } from '../../../shared/errors/text';
import type { OperationMessages } from '../../../shared/execution/messages';
import type { BackupRecord } from '../../../shared/records/listBackups';

/** A message names no more failures than this. */
const MAX_NAMED = 10;

/** What came of deleting backups; those in neither list weren't tried. */
export interface Deletions {
	deleted: BackupRecord[];
	failed: Array<{ recordId: string; error: RequestFailedError }>;
}

/** How Delete Old speaks of what it does. */
export const cleanupMessages: OperationMessages = {
	one: 'cleanup',
	many: 'cleanups',
	done: 'completed',
	reasons: {
		leaseLost: {
			message: 'the backup lock',
			description: 'The remaining backups were not deleted. Run the node again to delete them.',
		},
		parameterRejected: {
			description:
				"Check 'Device' and 'Backup Type', and 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "the backup or its lock doesn't exist or has expired",
			description:
				"Run the node again. If nothing else deletes or locks backups at that time, check 'User ID' in the KooDrive API credential.",
		},
		responseIncomplete: {
			message: 'KooDrive reported success, but left out the lock, or the ID of a record',
			description: 'Run the node again. If it happens again, contact your KooDrive administrator.',
		},
	},
};

/**
 * Tells why a cleanup isn't complete.
 *
 * @param loss why the lock was lost, if it was
 */
export function toFailedCleanup(
	{ deleted, failed }: Deletions,
	{ expired, kept }: { expired: BackupRecord[]; kept: number },
	loss: Failure | undefined,
): RequestFailedError {
	const left = expired.length - deleted.length - failed.length;
	const counts = [
		`${deleted.length} deleted`,
		`${kept} kept`,
		failed.length > 0 && `${failed.length} failed (${describeFailed(failed)})`,
		left > 0 && `${left} skipped`,
	];
	const cause = loss !== undefined && explainCause(loss, cleanupMessages.reasons);
	const summary = [counts.filter(Boolean).join(', '), cause].filter(Boolean).join('; ');
	const first = failed[0]?.error;
	// Without a failure, backups are left because the user stopped the execution.
	const failure = loss ?? first?.failure ?? { reason: 'canceled' };
	return new RequestFailedError({ ...failure, summary }, first?.attempts);
}

function describeFailed(failed: Deletions['failed']): string {
	const named = failed.slice(0, MAX_NAMED).map(({ recordId, error }) => {
		return `record ${quoteId(recordId)}: ${explainFailure(error.failure, cleanupMessages.reasons)}`;
	});
	const more = failed.length > MAX_NAMED ? [`and ${failed.length - MAX_NAMED} more`] : [];
	return [...named, ...more].join('; ');
}
