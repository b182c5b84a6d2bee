import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { fetchDevices } from '../api/devices';
import { MODULE_CODES } from '../api/locks';
import type { SendPage } from '../api/pages';
import { readPages } from '../api/pages';
import { listRecords, readStatus, RECORD_STATUS } from '../api/records';
import { unwrapLocator } from '../execution/fields';
import { isJsonObject, parseId, toText } from '../http/json';
import { labelRecord } from '../records/format';
import { compareIds } from '../records/listBackups';
import { parseRecordTime } from '../records/recordTime';
import { matchesFilter, readEntries, startList } from './startList';

const HEADLINE = "The backup records can't be listed";

/** How many records the editor gets at a time; it requests more when the user scrolls. */
const PAGE_SIZE = 100;

const STATES = new Map<unknown, string>([
	[RECORD_STATUS.created, 'incomplete'],
	[RECORD_STATUS.completed, 'completed'],
	[RECORD_STATUS.toBeDeleted, 'to be deleted'],
]);

/**
 * Lists the records by time, state and device, newest first, for example
 * `2026-11-24 02:00:05 CET, 1,204 files, 3.4 GB, completed, file-server-1`.
 *
 * @param filter what the user typed; the ID is searched too
 * @param paginationToken how many records the editor has already
 * @throws NodeApiError when the list can't be read
 */
export async function searchRecords(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await search(this, filter, paginationToken, (record) => {
		const { status } = record;
		return STATES.get(readStatus(record)) ?? `status ${toText(status) ?? 'unknown'}`;
	});
}

/** Lists the records that can be restored, as {@link searchRecords} does, but without their state. */
export async function searchCompletedRecords(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await search(this, filter, paginationToken, (record) =>
		readStatus(record) === RECORD_STATUS.completed ? '' : undefined,
	);
}

/**
 * In which order KooDrive lists records isn't documented, so all are read and sorted. Times are in the time zone
 * of the n8n instance: n8n doesn't tell a list to which workflow it belongs.
 *
 * @param getState returns `undefined` for a record that isn't listed
 */
async function search(
	context: ILoadOptionsFunctions,
	filter: string | undefined,
	paginationToken: string | undefined,
	getState: (record: IDataObject) => string | undefined,
): Promise<INodeListSearchResult> {
	const send = await startList(context, HEADLINE);
	const [records, deviceNames] = await Promise.all([
		readRecords(context, send),
		readDeviceNames(send),
	]);
	const zone = context.getTimezone();
	const found = records
		.flatMap((record) => {
			const state = getState(record);
			const recordId = parseId(record.recordId);
			return state === undefined || recordId === undefined
				? []
				: toResult(recordId, record, state, deviceNames, zone);
		})
		.filter(({ name, value }) => matchesFilter(`${name} ${value}`, filter))
		.sort((one, other) => other.createdAt - one.createdAt || compareIds(other.value, one.value));
	const start = Number(paginationToken ?? 0);
	const end = start + PAGE_SIZE;
	return {
		results: found.slice(start, end).map(({ name, value }) => ({ name, value })),
		...(end < found.length && { paginationToken: String(end) }),
	};
}

/** Only those of the Backup Type and of the Device, where the node has these fields. */
async function readRecords(context: ILoadOptionsFunctions, send: SendPage): Promise<IDataObject[]> {
	const selected = String(context.getCurrentNodeParameter('moduleCode'));
	const moduleCodes = MODULE_CODES.includes(selected) ? [selected] : MODULE_CODES;
	const device = unwrapLocator(context.getCurrentNodeParameter('deviceId'));
	const deviceId = typeof device === 'string' && device.trim() !== '' ? device.trim() : undefined;
	return await readEntries(context, HEADLINE, async () => {
		const requests = moduleCodes.map((moduleCode) => listRecords(moduleCode, deviceId));
		return (
			await Promise.all(requests.map(async (request) => await readPages(request, Infinity, send)))
		).flat();
	});
}

type DeviceNames = Map<string | undefined, string | undefined>;

/** @returns the names by ID; none where they can't be read, because a record's device ID tells enough */
async function readDeviceNames(send: SendPage): Promise<DeviceNames> {
	const devices = await fetchDevices(send).catch(() => []);
	return new Map(
		devices.map(({ deviceId, deviceName }) => [parseId(deviceId), toText(deviceName)]),
	);
}

function toResult(
	recordId: string,
	record: IDataObject,
	state: string,
	deviceNames: DeviceNames,
	zone: string,
): { name: string; value: string; createdAt: number } {
	const { createTime, deviceInfo } = record;
	const device = isJsonObject(deviceInfo) ? deviceInfo : {};
	const deviceId = parseId(device.deviceId);
	const deviceName = toText(device.deviceName) ?? deviceNames.get(deviceId) ?? deviceId;
	return {
		name: labelRecord(record, zone, [state, deviceName]),
		value: recordId,
		createdAt: parseRecordTime(createTime) ?? -Infinity,
	};
}
