import type { IDataObject } from 'n8n-workflow';

import { uriEncode } from '../../../../credentials/wire';
import type { ItemParameters } from '../../../shared/descriptions/itemParameters';
import { isJsonObject, tryParseJson } from '../../../shared/http/json';
import { readRecordId, RECORDS_PATH } from '../../descriptions/recordId';

/** What a BackupRecord's `status` means. Source: KooDrive API Reference, "Viewing Backup Records". */
export const RECORD_STATUS = { created: 0, completed: 1, toBeDeleted: 2 } as const;

/** @returns a BackupRecord's status, even if it came as text; NaN where it isn't one */
export function readStatus({ status }: IDataObject): number {
	if (typeof status === 'number') return status;
	return typeof status === 'string' && status.trim() !== '' ? Number(status) : NaN;
}

/** @returns the path of a record below the endpoint. Source: "Viewing Backup Records". */
export function toRecordPath(recordId: string): string {
	return `${RECORDS_PATH}/${uriEncode(recordId)}`;
}

/** @throws UserError when the Record isn't valid */
export function readRecordPath(item: ItemParameters): string {
	return toRecordPath(readRecordId(item));
}

/**
 * Makes the output of a BackupRecord: its ID as text, and its `properties` parsed in addition to the text that
 * KooDrive stores.
 *
 * Source: KooDrive API Reference, "Viewing Backup Records".
 */
export function toRecord(record: IDataObject): IDataObject {
	return { ...withIdAsText(record, 'recordId'), ...parseProperties(record.properties) };
}

/**
 * @returns the record of a response, or `undefined` where the response names none
 * Source: KooDrive API Reference, "Creating a Backup Record" and "Viewing Backup Records".
 */
export function readRecord({ data }: IDataObject): IDataObject | undefined {
	if (!isJsonObject(data)) return undefined;
	const record = toRecord(data);
	const { recordId } = record;
	return typeof recordId === 'string' && recordId.trim() !== '' ? record : undefined;
}

/** @returns a copy of an entry whose ID is text, even if it came as a number */
export function withIdAsText(entry: IDataObject, name: string): IDataObject {
	const id = entry[name];
	return typeof id === 'number' ? { ...entry, [name]: String(id) } : { ...entry };
}

function parseProperties(properties: unknown): IDataObject {
	const parsedProperties = typeof properties === 'string' ? tryParseJson(properties) : undefined;
	return parsedProperties === undefined
		? {}
		: { parsedProperties: parsedProperties as IDataObject };
}
