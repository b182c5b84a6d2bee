import type { Files } from '../files';
import type { Locks } from '../locks';
import { page } from '../paging';
import type { Records } from '../records';
import type { Reply } from '../replies';
import {
	dataReply,
	done,
	MODULE_CODES,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
} from '../replies';
import { withLock } from './locks';
import type { ApiRequest, Handler, Route } from './route';
import { route } from './route';

const RECORDS = '/koodrive/ose/v1/backup/record';
const RECORD = `${RECORDS}/{id}`;

/**
 * "Listing Backup Records", "Creating a Backup Record", "Viewing Backup Records", "Completing the Backup", "Deleting
 * Backup Records" and "Listing Backup Files".
 */
export function recordRoutes(records: Records, files: Files, locks: Locks): Route[] {
	return [
		route('GET', RECORDS, (request) => listRecords(records, request)),
		route(
			'POST',
			RECORDS,
			withLock(locks, (request) => createRecord(records, request)),
		),
		route('GET', RECORD, (_request, id) => {
			const record = records.records.get(id);
			return record === undefined ? resourceMissing : dataReply(record);
		}),
		route(
			'PATCH',
			RECORD,
			withLock(locks, (request, id) => completeRecord(records, request, id)),
		),
		route('DELETE', RECORD, deleteRecord(records, files, locks)),
		route('GET', `${RECORD}/files`, ({ query }, id) =>
			records.records.has(id)
				? page(records.files.get(id) ?? [], query, records.longestPage)
				: resourceMissing,
		),
	];
}

function deleteRecord(records: Records, files: Files, locks: Locks): Handler {
	const remove = withLock(locks, (_request, id) => {
		files.deleteOf(id);
		return records.delete(id) ? done : resourceMissing;
	});
	return (request, id) => (request.body.length > 0 ? parameterCheckFailed : remove(request, id));
}

function listRecords({ records, longestPage }: Records, { query }: ApiRequest): Reply {
	const moduleCode = query.get('moduleCode') ?? '';
	if (!MODULE_CODES.includes(moduleCode)) return parameterCheckFailed;
	const deviceId = query.get('deviceId');
	const found = [...records.values()].filter(
		(record) =>
			record.moduleCode === moduleCode &&
			(deviceId === null || record.deviceInfo.deviceId === deviceId),
	);
	return page(found, query, longestPage);
}

function createRecord(records: Records, { body }: ApiRequest): Reply {
	const { moduleCode, deviceId, properties } = objectIn(body) ?? {};
	if (typeof moduleCode !== 'string' || !MODULE_CODES.includes(moduleCode)) {
		return parameterCheckFailed;
	}
	if (typeof deviceId !== 'string' || deviceId === '') return parameterCheckFailed;
	if (!isJsonText(properties)) return parameterCheckFailed;
	const more = properties === undefined ? {} : { properties };
	return dataReply(records.create(moduleCode, deviceId, more));
}

function completeRecord(records: Records, { body }: ApiRequest, id: string): Reply {
	const { properties } = objectIn(body) ?? { properties: 0 };
	if (!isJsonText(properties)) return parameterCheckFailed;
	const record = records.records.get(id);
	if (record === undefined) return resourceMissing;
	records.complete(record, properties);
	return done;
}

function isJsonText(properties: unknown): properties is string | undefined {
	if (properties === undefined) return true;
	if (typeof properties !== 'string') return false;
	try {
		JSON.parse(properties);
		return true;
	} catch {
		return false;
	}
}
