import sortBy from 'lodash/sortBy';
import uniqBy from 'lodash/uniqBy';
import type { IDataObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { DateTime } from 'luxon';

import type { StoredFile } from '../../../shared/api/files';
import { getRecord, readRecord, readStatus, RECORD_STATUS } from '../../../shared/api/records';
import { quoteId } from '../../../shared/errors/text';
import { RequestFailedError } from '../../../shared/errors/failure';
import { deviceField, moduleCodeField, recordField } from '../../../shared/execution/commonFields';
import type { Field } from '../../../shared/execution/fields';
import { showFor } from '../../../shared/execution/fields';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { Clock } from '../../../shared/http/clock';
import { countFiles, formatInZone } from '../../../shared/records/format';
import { compareIds, findLatest, listBackups } from '../../../shared/records/listBackups';
import { parseRecordTime } from '../../../shared/records/recordTime';
import { readSummary } from '../../../shared/records/summary';
import { getOriginalPath } from '../../transfer/fileNames';
import type { Transfer } from '../../transfer/transfer';

const source: Field<'latest' | 'record'> = {
	property: {
		displayName: 'Source',
		name: 'source',
		type: 'options',
		options: [
			{
				name: 'Latest Backup',
				value: 'latest',
				description: 'The latest completed backup of a device',
			},
			{ name: 'Record', value: 'record', description: 'The backup of a record' },
		],
		default: 'latest',
		description: 'Which backup: latest (of a device) or record',
	},
	read(value) {
		if (value === 'latest' || value === 'record') return value;
		throw new UserError("'Source' must be latest or record. Select one from the list.");
	},
};

/** The fields that select a completed backup. */
export const storedBackupFields = {
	source,
	deviceId: showFor('source', 'latest', deviceField('The device of the backup')),
	moduleCode: showFor('source', 'latest', moduleCodeField('The type of the backup')),
	recordId: showFor(
		'source',
		'record',
		recordField('The record of the backup', 'searchCompletedRecords'),
	),
};

/** An option: the state of last Friday. A time without a zone is in that of the workflow. */
export const createdBefore: Field<unknown> = {
	property: {
		displayName: 'Created Before',
		name: 'createdBefore',
		type: 'dateTime',
		default: '',
		displayOptions: { show: { '/source': ['latest'] } },
		description:
			'Use the latest backup that was created before this time, in the timezone of the workflow. By default, the latest one.',
	},
	read: (value) => value,
};

/**
 * @param entered a date and time of the editor, or what an expression returned
 * @returns milliseconds since the Unix epoch; `undefined` where nothing was entered
 * @throws UserError when it isn't a time
 */
function readCreatedBefore(entered: unknown, zone: string): number | undefined {
	if (entered === undefined || entered === null || entered === '') return undefined;
	const time = typeof entered === 'string' ? DateTime.fromISO(entered.trim(), { zone }) : undefined;
	const instant = time?.isValid === true ? time.toMillis() : parseRecordTime(toEpoch(entered));
	if (instant !== undefined) return instant;
	throw new UserError("'Created Before' must be a date and time, such as 2026-11-20T18:00:00.");
}

/** Expressions such as `$now.minus(...)` return a DateTime. */
function toEpoch(entered: unknown): unknown {
	if (DateTime.isDateTime(entered)) return entered.toMillis();
	return entered instanceof Date ? entered.getTime() : entered;
}

/** What these fields read: a device and a type, or a record. */
interface SelectedBackup {
	createdBefore?: unknown;
	moduleCode?: string;
	deviceId?: string;
	recordId?: string;
}

/** A completed backup. */
export interface StoredBackup {
	recordId: string;
	/** As KooDrive writes it. */
	createTime: IDataObject[string];
	/** For people, for example `the backup of 2026-11-26 21:22:05 CET`. */
	label: string;
	/** In the order of their names. */
	files: StoredFile[];
	/** How many entries of the list are left out, because they aren't files of the backup. */
	entriesLeftOut: number;
}

/**
 * Finds a completed backup and its files.
 *
 * @throws UserError when there is none, it isn't complete, or has no files
 * @throws RequestFailedError when it can't be read, or the list of its files is incomplete
 */
export async function readStoredBackup(
	selected: SelectedBackup,
	transfer: Transfer,
	{ clock, context }: NodeExecution,
): Promise<StoredBackup> {
	const zone = context.getTimezone();
	const before = readCreatedBefore(selected.createdBefore, zone);
	const record =
		selected.recordId === undefined
			? await findLatestRecord(selected, before, transfer, clock)
			: await readCompletedRecord(selected.recordId, transfer);
	const recordId = String(record.recordId);
	const summary = readSummary(record);
	const listed = await listAllFiles(transfer, recordId, summary?.files);
	if (listed.length === 0) {
		throw new UserError(`The backup of record ${quoteId(recordId)} contains no files.`);
	}
	const files = summary === undefined ? listed : leaveOutRest(listed, summary.files);
	const createdAt = parseRecordTime(record.createTime);
	const time = createdAt === undefined ? String(record.createTime) : formatInZone(createdAt, zone);
	return {
		recordId,
		createTime: record.createTime,
		label: `the backup of ${time}`,
		// KooDrive lists them as they were completed, which differs from night to night.
		files: sortBy(files, 'fileName'),
		entriesLeftOut: listed.length - files.length,
	};
}

/**
 * A creation whose response was lost is repeated, and may have left an entry without content: without a checksum, or
 * older than another one of the same file.
 *
 * @param expected how many files the backup has
 * @returns all entries, unless that many are left
 */
function leaveOutRest(listed: StoredFile[], expected: number): StoredFile[] {
	const withContent = listed.filter(({ sha256 }) => sha256 !== undefined);
	if (withContent.length < expected) return listed;
	const newestFirst = [...withContent].sort((one, other) => compareIds(other.fileId, one.fileId));
	const distinct = uniqBy(newestFirst, (file) =>
		JSON.stringify([getOriginalPath(file), file.size, file.sha256]),
	);
	return distinct.length === expected ? distinct : withContent;
}

async function findLatestRecord(
	{ moduleCode = '', deviceId = '' }: SelectedBackup,
	before: number | undefined,
	transfer: Transfer,
	clock: Clock,
): Promise<IDataObject> {
	const { serverClock } = transfer.item.client;
	const list = await listBackups({
		moduleCode,
		deviceId,
		send: async (request) => await transfer.request(request),
		readClocks: () => [clock.now(), serverClock.now()],
	});
	const latest = findLatest(list, "Set 'Source' to 'Record', and select a record.", before);
	if (latest !== undefined) return latest.record;
	const [since, fields] =
		before === undefined
			? ['', "'Device' and 'Backup Type'"]
			: [' from before that time', "'Device', 'Backup Type', and 'Created Before'"];
	throw new UserError(
		`Device ${quoteId(deviceId)} has no completed backup of this type${since}. Check ${fields}.`,
	);
}

async function readCompletedRecord(recordId: string, transfer: Transfer): Promise<IDataObject> {
	const { body } = await transfer.request(getRecord(recordId));
	const record = readRecord(body);
	if (record === undefined) throw new RequestFailedError({ reason: 'responseIncomplete' });
	if (readStatus(record) === RECORD_STATUS.completed) return record;
	throw new UserError(
		`The backup of record ${quoteId(recordId)} isn't complete. Select another record.`,
	);
}

/** How often a list that can't be complete is read. */
const MAX_LISTS = 2;

/**
 * Lists the files of a backup. Where the list changes while its pages are read, it may repeat one file and skip another.
 *
 * @param expected how many there are, where that is known
 */
async function listAllFiles(
	transfer: Transfer,
	recordId: string,
	expected = 0,
): Promise<StoredFile[]> {
	for (let lists = 1; ; lists++) {
		const files = await transfer.listFiles(recordId);
		const distinct = uniqBy(files, 'fileId').length;
		if (distinct === files.length && distinct >= expected) return files;
		if (lists < MAX_LISTS) continue;
		const detail =
			distinct < files.length
				? 'it names a file twice'
				: `it names ${distinct} of ${countFiles(expected)}`;
		throw new RequestFailedError({ reason: 'fileListIncomplete', detail });
	}
}
