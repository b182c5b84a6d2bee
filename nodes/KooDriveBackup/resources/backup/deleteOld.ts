import pick from 'lodash/pick';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { listFiles } from '../../../shared/api/files';
import type { SendPage } from '../../../shared/api/pages';
import { iteratePages } from '../../../shared/api/pages';
import {
	deleteRecord,
	getRecord,
	readRecord,
	readStatus,
	RECORD_STATUS,
} from '../../../shared/api/records';
import { quoteId } from '../../../shared/errors/quote';
import { onFailure, RequestFailedError } from '../../../shared/errors/requestFailedError';
import { deviceField, moduleCodeField } from '../../../shared/execution/commonFields';
import type { Field } from '../../../shared/execution/fields';
import { booleanField, numberField } from '../../../shared/execution/fields';
import type { Item, OutputItem } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import { defineOperation } from '../../../shared/execution/operation';
import type { HeldLock } from '../../../shared/leases/locks';
import { holdLock } from '../../../shared/leases/locks';
import { parseRecordTime } from '../../../shared/records/recordTime';
import { recordsBeingWritten } from '../../../shared/records/recordsBeingWritten';
import { readSummary } from '../../../shared/records/summary';
import { showHint } from '../../showHint';
import type { Deletions } from './cleanupMessages';
import { cleanupMessages, toFailedCleanup } from './cleanupMessages';
import type { BackupRecord } from './listBackups';
import { compareNewestFirst, describeAhead, listBackups, nameFailedStep } from './listBackups';
import type { RetentionPolicy } from './retention';
import { findExpired, retentionField } from './retention';

const DAY = 24 * 60 * 60 * 1000;

/** Milliseconds between two lines in the log. */
const PROGRESS_PERIOD = 60_000;

/** What fails this often in a row isn't about a single backup. */
const MAX_FAILURES_IN_A_ROW = 10;

const deleteIncompleteDays = numberField({
	displayName: 'Delete Incomplete After (Days)',
	name: 'deleteIncompleteAfter',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 36_500, numberPrecision: 0 },
	default: 7,
	description:
		'Days after which incomplete backups are deleted too (1 to 36500), counted from their newest file. Set it to more than your longest backup takes. Without this option, incomplete backups are left alone.',
});

/** In milliseconds; incomplete backups are left alone unless it's set. */
const deleteIncompleteAfter: Field<number | undefined> = {
	...deleteIncompleteDays,
	read: (value) => (value === null ? undefined : deleteIncompleteDays.read(value) * DAY),
};

interface CleanupInput {
	moduleCode: string;
	deviceId: string;
	policy: RetentionPolicy;
	dryRun: boolean;
	/** Milliseconds; incomplete backups are left alone unless set. */
	deleteIncompleteAfter: number | undefined;
	zone: string;
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
	options: {
		deleteIncompleteAfter,
		dryRun: booleanField({
			displayName: 'Dry Run',
			name: 'dryRun',
			type: 'boolean',
			default: false,
			description:
				'Whether to only return the backups that would be deleted, without deleting them',
		}),
	},
	messages: cleanupMessages,
	outlastsOutages: true,
	async execute(item, execution) {
		const input = { ...item.values, zone: readTimezone(execution.context) };
		const send: SendPage = async (request) => await execution.request(item, request);
		const plan = await planCleanup(item, execution, input, send);
		if (input.dryRun || plan.expired.length === 0) return toResult(execution, input, plan, []);
		return await holdLock(item, execution, input.moduleCode, async (lock) => {
			const sendUnderLock: SendPage = async (request) =>
				await execution.send(item, request, lock.stopSignal);
			// What was read without the lock may have changed.
			const current = await planCleanup(item, execution, input, sendUnderLock);
			const deletions = await deleteAll(current.expired, execution, lock, sendUnderLock);
			const { length } = deletions.deleted;
			if (length === current.expired.length) {
				return toResult(execution, input, current, deletions.deleted);
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
	{ client }: Item<unknown>,
	{ clock }: NodeExecution,
	{ moduleCode, deviceId, policy, deleteIncompleteAfter, zone }: CleanupInput,
	send: SendPage,
): Promise<CleanupPlan> {
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
	const expired = findExpired(completed, policy, zone);
	let total = completed.length;
	if (deleteIncompleteAfter !== undefined) {
		total += incomplete.length;
		for (const record of incomplete) {
			const before = earliestNow - deleteIncompleteAfter;
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
	try {
		for await (const { entries } of iteratePages(listFiles(recordId), Infinity, send)) {
			const times = entries.map(({ createTime }) => parseRecordTime(createTime) ?? -Infinity);
			if (times.some((time) => time >= before)) return false;
		}
	} catch (error) {
		if (!isRejected(error)) {
			throw nameFailedStep(error, `the files of record ${quoteId(recordId)} couldn't be listed`);
		}
	}
	return true;
}

function isRejected(error: unknown): boolean {
	const { reason } = error instanceof RequestFailedError ? error.failure : {};
	return ['notFound', 'parameterRejected', 'rejected'].includes(reason ?? '');
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
		const failure = await deleteBackup(record.recordId, lockId, send);
		if (stopSignal.aborted && failure !== undefined) break;
		failuresInARow = failure === undefined ? 0 : failuresInARow + 1;
		if (failure === undefined) deletions.deleted.push(record);
		else deletions.failed.push(failure);
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
): Promise<Deletions['failed'][number] | undefined> {
	return await send(deleteRecord(recordId, lockId)).then(
		() => undefined,
		onFailure(async ({ failure, attempts }) => {
			// KooDrive says the same of a lock that doesn't exist.
			if (failure.reason === 'notFound' && (await isGone(recordId, send))) return undefined;
			return { recordId, failure, attempts };
		}),
	);
}

async function isGone(recordId: string, send: SendPage): Promise<boolean> {
	return await send(getRecord(recordId)).then(
		({ body }) => readStatus(readRecord(body) ?? {}) === RECORD_STATUS.toBeDeleted,
		onFailure(({ failure }) => failure.reason === 'notFound'),
	);
}

function toResult(
	{ context }: NodeExecution,
	{ deviceId, dryRun }: CleanupInput,
	{ expired, kept, unidentified }: CleanupPlan,
	deleted: readonly BackupRecord[],
): OutputItem[] {
	const total = kept + expired.length;
	const all = `${total} ${total === 1 ? 'backup' : 'backups'} of device ${quoteId(deviceId)}`;
	const done = dryRun
		? `Dry run: ${expired.length} of ${all} would be deleted.`
		: `Deleted ${deleted.length} of ${all}.`;
	const left = `Left alone, because they name no device or no backup type: ${unidentified}.`;
	if (unidentified === 0) showHint(context, done);
	else showHint(context, `${done} ${left}`, 'warning');
	const json = {
		deviceId,
		dryRun,
		deleted: deleted.length,
		kept,
		deletedRecords: deleted.map(describeRecord),
		...(dryRun && { wouldDelete: expired.length, recordsToDelete: expired.map(describeRecord) }),
	};
	return [{ json }];
}

/** The properties of thousands of records would make the output too large. */
function describeRecord({ record }: BackupRecord): IDataObject {
	const summary = readSummary(record);
	return {
		...pick(record, ['recordId', 'status', 'createTime']),
		...(summary && { summary: { ...summary } }),
	};
}
