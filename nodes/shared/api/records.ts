import type { IDataObject } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire';
import { uriEncode } from '../../../credentials/wire';
import { isJsonObject, parseCount, parseId, tryParseJson, withIdAsText } from '../http/json';
import type { KooDriveRequest } from '../http/request';
import { toLockHeader } from './locks';

const RECORDS_PATH = '/koodrive/ose/v1/backup/record';

/** What a BackupRecord's `status` means. Source: KooDrive API Reference, "Viewing Backup Records". */
export const RECORD_STATUS = { created: 0, completed: 1, toBeDeleted: 2 } as const;

/** @returns a BackupRecord's status, even if it came as text; NaN where it isn't one */
export function readStatus({ status }: IDataObject): number {
	return parseCount(status) ?? NaN;
}

/** What a record is created with. */
export interface NewRecord {
	moduleCode: string;
	deviceId: string;
	/** JSON, as text. */
	properties?: string;
}

/** Sent again, it would create a second record. Source: KooDrive API Reference, "Creating a Backup Record". */
export function createRecord(
	lockId: string,
	{ moduleCode, deviceId, properties }: NewRecord,
): KooDriveRequest {
	return {
		method: 'POST',
		path: RECORDS_PATH,
		headers: toLockHeader(lockId),
		body: { moduleCode, deviceId, properties },
		idempotent: false,
	};
}

/**
 * Source: KooDrive API Reference, "Completing the Backup". That completing twice does no more than once is assumed,
 * and so is that the properties replace those of the creation.
 */
export function completeRecord(
	recordId: string,
	lockId: string,
	properties?: string,
): KooDriveRequest {
	return {
		method: 'PATCH',
		path: toRecordPath(recordId),
		headers: toLockHeader(lockId),
		body: { properties },
		idempotent: true,
	};
}

/** Source: KooDrive API Reference, "Deleting Backup Records". That it may be sent again is assumed of what it does. */
export function deleteRecord(recordId: string, lockId: string): KooDriveRequest {
	return {
		method: 'DELETE',
		path: toRecordPath(recordId),
		headers: toLockHeader(lockId),
		idempotent: true,
	};
}

/** Source: KooDrive API Reference, "Viewing Backup Records". */
export function getRecord(recordId: string): KooDriveRequest {
	return { method: 'GET', path: toRecordPath(recordId), idempotent: true };
}

/**
 * Comes in pages; without a device, of all devices. Source: KooDrive API Reference, "Listing Backup Records".
 */
export function listRecords(moduleCode: string, deviceId?: string): KooDriveRequest {
	const query: Pair[] = [['moduleCode', moduleCode]];
	if (deviceId !== undefined) query.push(['deviceId', deviceId]);
	return { method: 'GET', path: RECORDS_PATH, query, idempotent: true };
}

/** For the test of a credential, which must change nothing. */
export function listOneRecord(): KooDriveRequest {
	const request = listRecords('100');
	return { ...request, query: [...(request.query ?? []), ['pageSize', '1']] };
}

/** @returns the path of a record below the endpoint */
export function toRecordPath(recordId: string): string {
	return `${RECORDS_PATH}/${uriEncode(recordId)}`;
}

/**
 * Makes the output of a BackupRecord: its ID as text, and its `properties` parsed in addition to the text that
 * KooDrive stores.
 */
export function toRecord(record: IDataObject): IDataObject {
	return { ...withIdAsText(record, 'recordId'), ...parseProperties(record.properties) };
}

/** @returns the record of a response, or `undefined` where the response names none */
export function readRecord({ data }: IDataObject): IDataObject | undefined {
	if (!isJsonObject(data)) return undefined;
	return parseId(data.recordId) === undefined ? undefined : toRecord(data);
}

function parseProperties(properties: unknown): IDataObject {
	const parsedProperties = typeof properties === 'string' ? tryParseJson(properties) : undefined;
	return parsedProperties === undefined
		? {}
		: { parsedProperties: parsedProperties as IDataObject };
}
