import type { IDataObject } from 'n8n-workflow';

import { readId } from '../../../shared/descriptions/readId';
import { formatUtc } from '../../../shared/errors/formatUtc';
import { quote, quoteId } from '../../../shared/errors/quote';
import { parseHttpDate } from '../../../shared/http/httpDate';
import { isJsonObject } from '../../../shared/http/json';
import { iteratePages } from '../../../shared/http/pages';
import type { KooDriveRequest } from '../../../shared/http/request';
import type { RequestResult } from '../../../shared/http/result';
import { RequestFailedError } from '../../../shared/http/result';
import { toListRequest } from '../record/getAll';
import { RECORD_STATUS, toRecord } from '../record/record';
import { parseRecordTime } from './recordTime';
import type { DatedRecord } from './retention';
import { getPeriods } from './retention';

const DAY = 24 * 60 * 60 * 1000;

/** A backup with the time at which it was created. */
export interface Backup extends DatedRecord {
	/** The record for the next node. */
	record: IDataObject;
}

/** The backups of one device. */
export interface DeviceBackups {
	/** Missing where the records name no device. */
	deviceId?: string;
	completed: Backup[];
	incomplete: Backup[];
	/** Why it isn't known which backup is the newest, as a sentence without its period, if so. */
	obstacle?: string;
}

/** Which backups to list, and how. */
export interface BackupQuery {
	moduleCode: string;
	/** All devices unless set. */
	deviceId: string | undefined;
	/** The IANA time zone in which days begin. */
	zone: string;
	/** Sends a request with retries. */
	send: (request: KooDriveRequest) => Promise<RequestResult>;
	/** @returns KooDrive's time where a response doesn't show it: milliseconds since the Unix epoch */
	now: () => number;
}

/** The complete list of backups. */
export interface BackupList {
	devices: DeviceBackups[];
	/** KooDrive's time when it was read: milliseconds since the Unix epoch. */
	readAt: number;
}

/**
 * Reads all backups, by device. Records that are neither new nor completed are left out. What a page takes to be
 * understood is done before the next one is read, so that thousands of records don't block n8n.
 *
 * @throws RequestFailedError when a page can't be read, or contains a record without an ID
 * Source: KooDrive API Reference, "Listing Backup Records".
 */
export async function listBackups(query: BackupQuery): Promise<BackupList> {
	try {
		return await collectBackups(query);
	} catch (error) {
		throw nameFailedStep(error);
	}
}

async function collectBackups(query: BackupQuery): Promise<BackupList> {
	const { moduleCode, deviceId, send, now } = query;
	const devices = new Map<string | undefined, DeviceBackups>();
	const recordIds = new Set<string>();
	let readAt = 0;
	const pages = iteratePages(toListRequest(moduleCode, deviceId), Infinity, send);
	for await (const { entries, date } of pages) {
		readAt = parseHttpDate(date) ?? now();
		for (const entry of entries) {
			const recordId = requireRecordId(entry);
			// While the list is read, a record may move to the next page.
			if (recordIds.has(recordId)) continue;
			recordIds.add(recordId);
			addRecord(devices, { recordId, entry, readAt }, query);
		}
	}
	return { devices: [...devices.values()], readAt };
}

function nameFailedStep(error: unknown): unknown {
	if (!(error instanceof RequestFailedError)) return error;
	const failedStep = "the list of backups couldn't be read";
	return new RequestFailedError({ ...error.failure, failedStep }, error.attempts);
}

interface ListedRecord {
	recordId: string;
	entry: IDataObject;
	readAt: number;
}

function addRecord(
	devices: Map<string | undefined, DeviceBackups>,
	{ recordId, entry, readAt }: ListedRecord,
	query: BackupQuery,
): void {
	const { status, createTime, deviceInfo } = entry;
	const isCompleted = status === RECORD_STATUS.completed;
	if (!isCompleted && status !== RECORD_STATUS.created) return;
	const deviceId = readDeviceId(deviceInfo);
	if (query.deviceId !== undefined && deviceId !== undefined && deviceId !== query.deviceId) return;
	const device = devices.get(deviceId) ?? { deviceId, completed: [], incomplete: [] };
	devices.set(deviceId, device);
	const time = parseRecordTime(createTime);
	if (isCompleted) device.obstacle ??= getObstacle(recordId, deviceId, createTime, time, readAt);
	const backup = {
		recordId,
		time: time ?? NaN,
		periods: getPeriods(time ?? NaN, query.zone),
		record: toRecord(entry),
	};
	if (isCompleted) device.completed.push(backup);
	else if (time !== undefined) device.incomplete.push(backup);
}

function getObstacle(
	recordId: string,
	deviceId: string | undefined,
	createTime: unknown,
	time: number | undefined,
	readAt: number,
): string | undefined {
	const record = `record ${quoteId(recordId)}`;
	if (deviceId === undefined) return `${record} names no device`;
	if (time === undefined) {
		const shown = createTime === undefined ? 'missing' : `"${quote(String(createTime), 80)}"`;
		return `the creation time of ${record} can't be read (${shown})`;
	}
	if (time <= readAt + DAY) return undefined;
	return `the creation time of ${record} is in the future (${formatUtc(time)})`;
}

function requireRecordId({ recordId }: IDataObject): string {
	const id = tryReadId(typeof recordId === 'number' ? String(recordId) : recordId);
	if (id !== undefined) return id;
	throw new RequestFailedError({ reason: 'responseIncomplete' });
}

function tryReadId(value: unknown): string | undefined {
	try {
		return readId(value, 'Record', '');
	} catch {
		return undefined;
	}
}

function readDeviceId(deviceInfo: unknown): string | undefined {
	if (!isJsonObject(deviceInfo)) return undefined;
	const { deviceId } = deviceInfo;
	const isId = typeof deviceId === 'string' || typeof deviceId === 'number';
	return isId && String(deviceId).trim() !== '' ? String(deviceId) : undefined;
}
