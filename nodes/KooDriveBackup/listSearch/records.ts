import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { toDevice } from '../../shared/api/devices';
import { MODULE_CODES } from '../../shared/api/locks';
import type { SendPage } from '../../shared/api/pages';
import { readPages } from '../../shared/api/pages';
import { listRecords, readStatus, RECORD_STATUS } from '../../shared/api/records';
import { unwrapLocator } from '../../shared/execution/fields';
import { isJsonObject, withIdAsText } from '../../shared/http/json';
import { compareIds } from '../../shared/records/listBackups';
import { parseRecordTime } from '../../shared/records/recordTime';
import { readDevices } from './devices';
import { matchesFilter, readEntries, startList } from './listRequests';

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
 * `2026-11-24 02:00, completed, file-server-1`. Only those of the Module Code and of the Device are listed where
 * the node has these fields.
 *
 * In which order KooDrive lists records isn't documented, so all are read and sorted. Times are in the time zone
 * of the n8n instance: n8n doesn't tell a list to which workflow it belongs.
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
	const send = await startList(this, HEADLINE);
	const [records, deviceNames] = await Promise.all([
		readRecords(this, send),
		readDeviceNames(send),
	]);
	const found = records
		.map((record) => toResult(record, deviceNames, this.getTimezone()))
		.filter(({ name, value }) => matchesFilter(`${name} ${value}`, filter))
		.sort((one, other) => other.createdAt - one.createdAt || compareIds(other.value, one.value));
	const start = Number(paginationToken ?? 0);
	const end = start + PAGE_SIZE;
	return {
		results: found.slice(start, end).map(({ name, value }) => ({ name, value })),
		...(end < found.length && { paginationToken: String(end) }),
	};
}

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

/** @returns the names by ID; none where they can't be read, because a record's device ID tells enough */
async function readDeviceNames(send: SendPage): Promise<Map<unknown, unknown>> {
	const devices = await readDevices(send).catch(() => []);
	return new Map(devices.map(({ deviceId, deviceName }) => [deviceId, deviceName]));
}

function toResult(
	record: IDataObject,
	deviceNames: Map<unknown, unknown>,
	zone: string,
): { name: string; value: string; createdAt: number } {
	const { recordId, status, createTime, deviceInfo } = withIdAsText(record, 'recordId');
	const created = parseRecordTime(createTime);
	const time = created === undefined ? createTime : formatLocal(created, zone);
	const device = isJsonObject(deviceInfo) ? toDevice(deviceInfo) : {};
	const deviceName = device.deviceName || deviceNames.get(device.deviceId) || device.deviceId;
	const parts = [time, STATES.get(readStatus(record)) ?? `status ${String(status)}`, deviceName];
	return {
		name: parts.filter(Boolean).join(', '),
		value: String(recordId),
		createdAt: created ?? -Infinity,
	};
}

function formatLocal(instant: number, zone: string): string {
	const time = DateTime.fromMillis(instant, { zone, locale: 'en-US', numberingSystem: 'latn' });
	return time.toFormat('yyyy-MM-dd HH:mm');
}
