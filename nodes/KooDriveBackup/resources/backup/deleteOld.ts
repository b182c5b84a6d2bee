import pick from 'lodash/pick';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { listFiles } from '../../../shared/api/files';
import type { SendPage } from '../../../shared/api/pages';
import { iteratePages } from '../../../shared/api/pages';
import { deleteRecord } from '../../../shared/api/records';
import { onFailure, RequestFailedError } from '../../../shared/errors/failure';
import { quoteId } from '../../../shared/errors/text';
import { deviceField, moduleCodeField } from '../../../shared/execution/commonFields';
import { booleanField, numberField, optional } from '../../../shared/execution/fields';
import type { Item, NodeExecution, OutputItem } from '../../../shared/execution/nodeExecution';
import { defineOperation } from '../../../shared/execution/operation';
import type { HeldLock } from '../../../shared/leases/locks';
import { holdLock } from '../../../shared/leases/locks';
import type { BackupRecord } from '../../../shared/records/listBackups';
import {
	compareNewestFirst,
	describeAhead,
	listBackups,
	recordsBeingWritten,
} from '../../../shared/records/listBackups';
import { parseRecordTime } from '../../../shared/records/recordTime';
import { withSummary } from '../../../shared/records/summary';
import { showHint } from '../../../shared/execution/nodeExecution';
import { isDeleted } from '../record/delete';
import type { Deletions } from './cleanupMessages';
import { cleanupMessages, toFailedCleanup } from './cleanupMessages';
import type { RetentionPolicy } from './retention';
import { findExpired, retentionField } from './retention';

const DAY = 24 * 60 * 60 * 1000;

/** Milliseconds between two lines in the log. */
const PROGRESS_PERIOD = 60_000;

/** What fails this often in a row isn't about a single backup. */
const MAX_FAILURES_IN_A_ROW = 10;

const deleteIncompleteAfter = optional(
	numberField({
		displayName: 'Delete Incomplete After (Days)',
		name: 'deleteIncompleteAfter',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 36_500, numberPrecision: 0 },
		default: 7,
		// The editor cuts off the unit in the title.
		hint: 'Days since the newest file of the backup',
		description:
			'Days after which incomplete backups are deleted too (1 to 36500), counted from their newest file. Set it to more than your longest backup takes. Without this option, incomplete backups are left alone.',
	}),
);

const dryRun = booleanField({
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description: 'Whether to only return the backups that would be deleted, without deleting them',
});

/** What an item says about a cleanup. */
interface CleanupInput {
	moduleCode: string;
	deviceId: string;
	policy: RetentionPolicy;
	dryRun: boolean;
	/** Days; incomplete backups are left alone unless set. */
	deleteIncompleteAfter: number | undefined;
}

/** What a cleanup deletes, and what it leaves alone. */
interface CleanupPlan {
	/** From the oldest to the newest. */
	expired: BackupRecord[];
	kept: number;
	/** How many records may be of the device, but don't say so. */
	unidentified: number;
}

/**
 * Deletes what a retention policy doesn't keep. Nothing is deleted unless the whole list could be read. The list of
 * records is read twice: without a lock, to find out whether anything is to be done, and under it.
 */
export const deleteOld = defineOperation({
	option: {
		name: 'Delete Old',
		value: 'deleteOld',
		action: 'Delete old backups',
		description:
			"Delete the backups of a device that the retention rules don't keep. The newest completed backup is never deleted.",
	},
	fields: {
		deviceId: deviceField('The device whose old backups to delete'),
		moduleCode: moduleCodeField('The type of the backups'),
		policy: retentionField,
	},
	options: { deleteIncompleteAfter, dryRun },
	messages: cleanupMessages,
	outlastsOutages: true,
	async execute(item, execution) {
		const { values } = item;
		const zone = readTimezone(execution.context);
		const send: SendPage = async (request) => await execution.request(item, request);
		const plan = await planCleanup(item, execution, zone, send);
		if (values.dryRun || plan.expired.length === 0) return report(execution, values, plan, []);
		return await holdLock(item, execution, values.moduleCode, async (lock) => {
			const sendUnderLock: SendPage = async (request) =>
				await execution.send(item, request, lock.stopSignal);
			// What was read without the lock may have changed.
			const current = await planCleanup(item, execution, zone, sendUnderLock);
			const deletions = await deleteAll(current.expired, execution, lock, sendUnderLock);
			const { deleted } = deletions;
			if (deleted.length === current.expired.length) {
				return report(execution, values, current, deleted);
			}
			throw toFailedCleanup(deletions, current, lock.getLoss());
		});
	},
});

function readTimezone(context: IExecuteFunctions): string {
	const zone = context.getTimezone();
	if (DateTime.fromMillis(0, { zone }).isValid) return zone;
	throw new UserError(
		`The workflow's timezone "${zone}" isn't valid. Select another 'Timezone' in the settings of the workflow.`,
	);
}

/** @throws RequestFailedError when a list can't be read, or it isn't known which backup is the newest */
async function planCleanup(
	{ client, values }: Item<CleanupInput>,
	{ clock }: NodeExecution,
	zone: string,
	send: SendPage,
): Promise<CleanupPlan> {
	const { moduleCode, deviceId } = values;
	const readClocks = () => [clock.now(), client.serverClock.now()];
	const list = await listBackups({ moduleCode, deviceId, send, readClocks });
	const { completed, incomplete, doubtful, earliestNow } = list;
	const obstacle =
		doubtful.find(({ isOfDevice }) => isOfDevice)?.problem ??
		describeAhead(completed[0], earliestNow);
	if (obstacle !== undefined) {
		const summary = `nothing was deleted, because ${obstacle}`;
		throw new RequestFailedError({ reason: 'recordTimeInvalid', summary });
	}
	const expired = findExpired(completed, values.policy, zone);
	let total = completed.length;
	if (values.deleteIncompleteAfter !== undefined) {
		total += incomplete.length;
		const before = earliestNow - values.deleteIncompleteAfter * DAY;
		for (const record of incomplete) {
			if (await isAbandoned(record, before, send)) expired.push(record);
		}
	}
	expired.sort((one, other) => compareNewestFirst(other, one));
	return { expired, kept: total - expired.length, unidentified: doubtful.length };
}

/**
 * Tells whether neither an incomplete record nor any of its files was created since a time. Whether KooDrive lists the
 * files of an incomplete record isn't documented: where it rejects that, the record's own time counts.
 *
 * @param before milliseconds since the Unix epoch
 */
async function isAbandoned(
	{ recordId, createdAt }: BackupRecord,
	before: number,
	send: SendPage,
): Promise<boolean> {
	if (createdAt >= before || recordsBeingWritten.has(recordId)) return false;
	return await hasFileSince(recordId, before, send).then(
		(hasFile) => !hasFile,
		onFailure((error) => {
			if (['notFound', 'parameterRejected', 'rejected'].includes(error.failure.reason)) return true;
			const failedStep = `the files of record ${quoteId(recordId)} couldn't be listed`;
			throw error.with({ failedStep });
		}),
	);
}

async function hasFileSince(recordId: string, time: number, send: SendPage): Promise<boolean> {
	for await (const { entries } of iteratePages(listFiles(recordId), Infinity, send)) {
		const times = entries.map(({ createTime }) => parseRecordTime(createTime) ?? -Infinity);
		if (times.some((createdAt) => createdAt >= time)) return true;
	}
	return false;
}

/** Deletes backups one after another, until too many fail in a row or the lock's `stopSignal` fires. */
async function deleteAll(
	expired: readonly BackupRecord[],
	{ context, clock }: NodeExecution,
	{ lockId, stopSignal }: HeldLock,
	send: SendPage,
): Promise<Deletions> {
	const deletions: Deletions = { deleted: [], failed: [] };
	let failuresInARow = 0;
	let loggedAt = clock.monotonic();
	for (const record of expired) {
		if (stopSignal.aborted || failuresInARow === MAX_FAILURES_IN_A_ROW) break;
		const { recordId } = record;
		const error = await deleteBackup(recordId, lockId, send);
		if (stopSignal.aborted && error !== undefined) break;
		failuresInARow = error === undefined ? 0 : failuresInARow + 1;
		if (error === undefined) deletions.deleted.push(record);
		else deletions.failed.push({ recordId, error });
		if (clock.monotonic() < loggedAt + PROGRESS_PERIOD) continue;
		loggedAt = clock.monotonic();
		const { length } = deletions.deleted;
		context.logger.info(`Deleted ${length} of ${expired.length} old backups so far`);
	}
	return deletions;
}

/** @returns why it wasn't deleted; `undefined` where it doesn't exist afterwards */
async function deleteBackup(
	recordId: string,
	lockId: string,
	send: SendPage,
): Promise<RequestFailedError | undefined> {
	return await send(deleteRecord(recordId, lockId)).then(
		() => undefined,
		onFailure(async (error) => {
			// KooDrive says the same of a lock that doesn't exist.
			const mayBeGone = error.failure.reason === 'notFound';
			return mayBeGone && (await isDeleted(recordId, send)) ? undefined : error;
		}),
	);
}

function report(
	{ context }: NodeExecution,
	{ deviceId, dryRun: isDryRun }: CleanupInput,
	{ expired, kept, unidentified }: CleanupPlan,
	deleted: readonly BackupRecord[],
): OutputItem[] {
	const total = kept + expired.length;
	const all = `${total} ${total === 1 ? 'backup' : 'backups'} of device ${quoteId(deviceId)}`;
	const done = isDryRun
		? `Dry run: ${expired.length} of ${all} would be deleted.`
		: `Deleted ${deleted.length} of ${all}.`;
	const left = `Left alone, because they name no device or no backup type: ${unidentified}.`;
	if (unidentified === 0) showHint(context, done);
	else showHint(context, `${done} ${left}`, 'warning');
	const json = {
		deviceId,
		dryRun: isDryRun,
		deleted: deleted.length,
		kept,
		deletedRecords: deleted.map(describeRecord),
		...(isDryRun && { wouldDelete: expired.length, recordsToDelete: expired.map(describeRecord) }),
	};
	return [{ json }];
}

/** The properties of thousands of records would make the output too large. */
function describeRecord({ record }: BackupRecord): IDataObject {
	return pick(withSummary(record), ['recordId', 'status', 'createTime', 'summary']);
}
