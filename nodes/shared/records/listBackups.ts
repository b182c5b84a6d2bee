import type { IDataObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { SendPage } from '../api/pages';
import { iteratePages } from '../api/pages';
import { listRecords, readStatus, RECORD_STATUS, toRecord } from '../api/records';
import { failAt, RequestFailedError } from '../errors/failure';
import { formatUtc, quote, quoteId } from '../errors/text';
import { isId } from '../execution/fields';
import { parseHttpDate } from '../http/httpDate';
import { isJsonObject, toText } from '../http/json';
import { parseRecordTime } from './recordTime';

const DAY = 24 * 60 * 60 * 1000;

/** A record of the device and the backup type that were asked for. */
export interface BackupRecord {
	recordId: string;
	/** Milliseconds since the Unix epoch. */
	createdAt: number;
	/** The record for the next node. */
	record: IDataObject;
}

/** A completed record that may be the newest of the device, or not. */
interface DoubtfulRecord {
	recordId: string;
	/** Missing where it can't be read. */
	createdAt: number | undefined;
	/** Whether it's of the device for certain. */
	isOfDevice: boolean;
	/** What is wrong with it, as a sentence without its period. */
	problem: string;
}

/** All backups of one device and type. Records that are neither new nor completed are left out. */
export interface BackupList {
	/** From the newest to the oldest. */
	completed: BackupRecord[];
	/** From the newest to the oldest; those whose time can't be read are left out. */
	incomplete: BackupRecord[];
	doubtful: DoubtfulRecord[];
	/** The earlier of n8n's and KooDrive's clock when the list was read: milliseconds since the Unix epoch. */
	earliestNow: number;
	/** The later of both. */
	latestNow: number;
}

/** Which backups to list, and how. */
export interface BackupQuery {
	moduleCode: string;
	deviceId: string;
	send: SendPage;
	/** @returns the times that n8n's and KooDrive's clocks show, as far as known: milliseconds since the Unix epoch */
	readClocks: () => number[];
}

/**
 * Reads all backups of a device. What a page takes to be understood is done before the next one is read, so that
 * thousands of records don't block n8n.
 *
 * @throws RequestFailedError when a page can't be read, or contains a record without an ID
 */
export async function listBackups(query: BackupQuery): Promise<BackupList> {
	return await collectBackups(query).catch(failAt("the list of backups couldn't be read"));
}

async function collectBackups(query: BackupQuery): Promise<BackupList> {
	const { moduleCode, deviceId, send, readClocks } = query;
	const list: BackupList = {
		completed: [],
		incomplete: [],
		doubtful: [],
		earliestNow: Infinity,
		latestNow: -Infinity,
	};
	// While the list is read, a record may move to the next page.
	const known = new Set<string>();
	const pages = iteratePages(listRecords(moduleCode, deviceId), Infinity, send);
	for await (const { entries, date } of pages) {
		const times = [...readClocks(), parseHttpDate(date) ?? []].flat();
		list.earliestNow = Math.min(list.earliestNow, ...times);
		list.latestNow = Math.max(list.latestNow, ...times);
		for (const entry of entries) {
			const recordId = requireRecordId(entry);
			if (known.has(recordId)) continue;
			known.add(recordId);
			addRecord(list, recordId, entry, query);
		}
	}
	list.completed.sort(compareNewestFirst);
	list.incomplete.sort(compareNewestFirst);
	return list;
}

/** The one order of backups. KooDrive's IDs grow (assumed), with as many digits as they need. */
export function compareNewestFirst(
	one: Pick<BackupRecord, 'recordId' | 'createdAt'>,
	other: Pick<BackupRecord, 'recordId' | 'createdAt'>,
): number {
	return other.createdAt - one.createdAt || compareIds(other.recordId, one.recordId);
}

export function compareIds(one: string, other: string): number {
	return one.length - other.length || (one < other ? -1 : Number(one > other));
}

function addRecord(
	list: BackupList,
	recordId: string,
	entry: IDataObject,
	{ moduleCode, deviceId }: BackupQuery,
): void {
	const status = readStatus(entry);
	if (status !== RECORD_STATUS.completed && status !== RECORD_STATUS.created) return;
	const device = toText(isJsonObject(entry.deviceInfo) ? entry.deviceInfo.deviceId : undefined);
	const type = toText(entry.moduleCode);
	// A server may ignore the filters of the list.
	if ((device ?? deviceId) !== deviceId || (type ?? moduleCode) !== moduleCode) return;
	const isOfDevice = device !== undefined && type !== undefined;
	const createdAt = parseRecordTime(entry.createTime);
	if (isOfDevice && createdAt !== undefined) {
		const backups = status === RECORD_STATUS.completed ? list.completed : list.incomplete;
		backups.push({ recordId, createdAt, record: toRecord(entry) });
	} else if (status === RECORD_STATUS.completed) {
		const unnamed = device === undefined ? 'device' : 'backup type';
		const problem = isOfDevice
			? describeUnreadable(recordId, entry)
			: `record ${quoteId(recordId)} names no ${unnamed}`;
		list.doubtful.push({ recordId, createdAt, isOfDevice, problem });
	}
}

function describeUnreadable(recordId: string, { createTime }: IDataObject): string {
	const shown = createTime === undefined ? 'missing' : `"${quote(toText(createTime) ?? '', 80)}"`;
	return `the creation time of record ${quoteId(recordId)} can't be read (${shown})`;
}

/**
 * @param newest the newest record, if there is one
 * @param now milliseconds since the Unix epoch
 * @returns why it can't be the newest, as a sentence without its period, if so
 */
export function describeAhead(newest: BackupRecord | undefined, now: number): string | undefined {
	if (newest === undefined || newest.createdAt <= now + DAY) return undefined;
	return `the creation time of record ${quoteId(newest.recordId)} is in the future (${formatUtc(newest.createdAt)})`;
}

/**
 * Finds the completed backup that was created last.
 *
 * @param remedy what to do where it isn't known which one it is
 * @param before only backups created before this count: milliseconds since the Unix epoch
 * @returns `undefined` where there is none
 * @throws UserError when it isn't known which one it is
 */
export function findLatest(
	list: BackupList,
	remedy: string,
	before = Infinity,
): BackupRecord | undefined {
	const latest = list.completed.find(({ createdAt }) => createdAt < before);
	const doubt = list.doubtful.find(({ recordId, createdAt }) => {
		if (createdAt === undefined) return true;
		const isNewer = !latest || compareNewestFirst({ recordId, createdAt }, latest) < 0;
		return createdAt < before && isNewer;
	});
	const obstacle = doubt?.problem ?? describeAhead(latest, list.latestNow);
	if (obstacle === undefined) return latest;
	throw new UserError(
		`It's unknown which backup of the device is the latest, because ${obstacle}. ${remedy}`,
	);
}

function requireRecordId({ recordId }: IDataObject): string {
	const id = toText(recordId) ?? '';
	if (isId(id)) return id;
	throw new RequestFailedError({ reason: 'responseIncomplete' });
}

/** The IDs of the records that Back Up is writing in this n8n process. Delete Old leaves them alone, however old they are. */
export const recordsBeingWritten = new Set<string>();
