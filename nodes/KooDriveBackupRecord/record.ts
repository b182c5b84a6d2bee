import type { IDataObject } from 'n8n-workflow';

import { isJsonObject, jsonOf } from '../shared/transport/parseJson';

/**
 * Makes what the next step receives of a record: its ID as text, and its `properties` read as JSON beside the
 * text that KooDrive keeps.
 *
 * @param record a BackupRecord
 * @returns the record, with `parsedProperties` where they can be read
 * Source: KooDrive API Reference, "Viewing Backup Records".
 */
export function toRecord(record: IDataObject): IDataObject {
	return { ...withTextId(record, 'recordId'), ...parsed(record.properties) };
}

/**
 * Makes what the next step receives of an answer that holds one record.
 *
 * @param body the answer
 * @returns the record, or `undefined` where the answer names none
 * Source: KooDrive API Reference, "Creating a Backup Record" and "Viewing Backup Records".
 */
export function recordIn({ data }: IDataObject): IDataObject | undefined {
	if (!isJsonObject(data)) return undefined;
	const record = toRecord(data);
	const { recordId } = record;
	return typeof recordId === 'string' && recordId.trim() !== '' ? record : undefined;
}

/**
 * Makes an ID text, should it have come as a number.
 *
 * @param entry what has the ID
 * @param name the ID's name
 * @returns a copy of it
 */
export function withTextId(entry: IDataObject, name: string): IDataObject {
	const id = entry[name];
	return typeof id === 'number' ? { ...entry, [name]: String(id) } : { ...entry };
}

function parsed(properties: unknown): IDataObject {
	const parsedProperties = typeof properties === 'string' ? jsonOf(properties) : undefined;
	return parsedProperties === undefined
		? {}
		: { parsedProperties: parsedProperties as IDataObject };
}
