import { explainCause, explainFailure } from '../../../shared/errors/describeFailure';
import type { Failure } from '../../../shared/errors/failure';
import { quoteId } from '../../../shared/errors/quote';
import type { FailedItem, OperationMessages } from '../../../shared/execution/operation';
import type { Cleanup } from './cleanup';
import type { Deletions, FailedDeletion } from './deleteBackups';
import type { DeviceBackups } from './listBackups';

/** A message names no more failures, and no more devices, than this. */
const MAX_NAMED = 10;

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
				"Check 'Module Code' and 'Device', and 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "the backup or its lock doesn't exist or has expired",
			description:
				"Run the node again. If nothing else deletes or locks backups at that time, check 'User ID' in the KooDrive API credential.",
		},
		responseIncomplete: {
			message: 'KooDrive reported success, but left out the lock, or the ID of a record',
			description:
				'Run the node again. If the problem persists, contact your KooDrive administrator.',
		},
	},
};

/**
 * Sums up a cleanup for the hint in the editor.
 *
 * @param deleted how many backups were deleted; `undefined` for a dry run
 */
export function describeCleanup(
	{ backups, total, devices, skipped }: Cleanup,
	deleted: number | undefined,
): string {
	const all = `${count(total, 'backup')} of ${count(devices, 'device')}`;
	const summary =
		deleted === undefined
			? `Dry run: ${backups.length} of ${all} would be deleted.`
			: `Deleted ${deleted} of ${all}.`;
	return [summary, ...describeSkipped(skipped).map((sentence) => `${capitalize(sentence)}.`)].join(
		' ',
	);
}

/**
 * Tells why a cleanup isn't complete.
 *
 * @param loss why the lock was lost, if it was
 */
export function toFailedCleanup(
	{ backups, total, skipped }: Cleanup,
	{ deleted, failed }: Deletions,
	loss?: Failure,
): FailedItem {
	const left = backups.length - deleted.length - failed.length;
	const counts = [
		`${deleted.length} deleted`,
		`${total - backups.length} kept`,
		failed.length > 0 && `${failed.length} failed (${describeFailed(failed)})`,
		left > 0 && `${left} skipped`,
	];
	const causes = [
		counts.filter(Boolean).join(', '),
		loss !== undefined && explainCause(loss, cleanupMessages.reasons),
		...describeSkipped(skipped),
	];
	const summary = causes.filter(Boolean).join('; ');
	const [first] = failed;
	const failure = loss ?? first?.failure ?? { reason: getReason(left) };
	return { ok: false, failure: { ...failure, summary }, attempts: first?.attempts };
}

/** Without a failure, backups are left because the user stopped the execution. */
function getReason(left: number): Failure['reason'] {
	return left > 0 ? 'canceled' : 'recordTimeInvalid';
}

function describeFailed(failed: readonly FailedDeletion[]): string {
	const named = failed.slice(0, MAX_NAMED).map(({ recordId, failure }) => {
		return `record ${quoteId(recordId)}: ${explainFailure(failure, cleanupMessages.reasons)}`;
	});
	return [...named, ...countMore(failed.length)].join('; ');
}

function describeSkipped(skipped: readonly DeviceBackups[]): string[] {
	const named = skipped.slice(0, MAX_NAMED).map(({ deviceId, obstacle }) => {
		const device = deviceId === undefined ? 'an unknown device' : `device ${quoteId(deviceId)}`;
		return `nothing of ${device} is deleted, because ${obstacle}`;
	});
	return [...named, ...countMore(skipped.length)];
}

function countMore(all: number): string[] {
	return all > MAX_NAMED ? [`and ${all - MAX_NAMED} more`] : [];
}

function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function capitalize(sentence: string): string {
	return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
