import type { Files } from './files';
import type { Locks } from './locks';
import { withLock } from './locks';
import type { ApiReply, ApiRequest, Handler, Route } from './replies';
import {
	dataReply,
	done,
	MODULE_CODES,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
	route,
} from './replies';

/** A backup record, as the service shows it. The reference does not say how it writes times; here it is ISO 8601. */
export interface BackupRecord {
	recordId: string;
	moduleCode: string;
	/** 0 new, 1 completed, 2 to be deleted. */
	status: number;
	properties?: string;
	version: number;
	createTime: string;
	endTime?: string;
	deviceInfo: { deviceId: string };
}

/** A file of a backup, as the service shows it. */
export interface BackupFile {
	fileId: string;
	fileName: string;
	/** Missing where it isn't known yet. */
	sha256?: string;
	/** Bytes. */
	size: number;
	description: string;
	createTime: string;
}

const FIRST_ID = 1_842_862_763_295_184_641n;
const RECORDS = '/koodrive/ose/v1/backup/record';
const RECORD = `${RECORDS}/{id}`;
const LONGEST_CURSOR = 1000;

/** The backup records of the simulated service. */
export class Records {
	readonly records = new Map<string, BackupRecord>();

	/** The files that a record lists, by the record's ID: those that are complete. */
	readonly files = new Map<string, BackupFile[]>();

	/** The most entries that a page holds, however many are asked for. */
	longestPage = 100;

	/** Whether the list of records contains those of all devices and backup types, whatever was asked for. */
	ignoresFilters = false;

	/** What follows the last page of a list: nothing, or empty pages without end, or that page again and again. */
	endsWith: 'nothing' | 'empty pages' | 'the last page' = 'nothing';

	private made = 0n;

	private pages = 0;

	constructor(private readonly now: () => number) {}

	/** Makes a record without being asked over the wire. */
	create(moduleCode: string, deviceId: string, more: Partial<BackupRecord> = {}): BackupRecord {
		const record: BackupRecord = {
			recordId: String(FIRST_ID + this.made++),
			moduleCode,
			status: 0,
			version: 1,
			createTime: this.time(),
			deviceInfo: { deviceId },
			...more,
		};
		this.records.set(record.recordId, record);
		return record;
	}

	/** Whether a record exists that is not completed yet. */
	isOpen(recordId: string): boolean {
		return this.records.get(recordId)?.status === 0;
	}

	complete(record: BackupRecord, properties: string | undefined): void {
		Object.assign(record, { status: 1, version: record.version + 1, endTime: this.time() });
		if (properties !== undefined) record.properties = properties;
	}

	/** Deletes a record and the list of its files; `false` if there is none. */
	delete(recordId: string): boolean {
		this.files.delete(recordId);
		return this.records.delete(recordId);
	}

	/** The page that a query asks for. */
	page(entries: unknown[], query: URLSearchParams): ApiReply {
		const pageSize = Number(query.get('pageSize') ?? '1');
		const cursor = query.get('cursor') ?? cursorOf(0);
		const from = startOf(cursor);
		const isPageSize = Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 100;
		if (!isPageSize || from === undefined || cursor.length > LONGEST_CURSOR) {
			return parameterCheckFailed;
		}
		const to = from + Math.min(pageSize, this.longestPage);
		const isLast = to >= entries.length;
		const found = entries.slice(from, to);
		if (!isLast) return dataReply(found, { nextCursor: cursorOf(to) });
		if (this.endsWith === 'nothing') return dataReply(found);
		const next = this.endsWith === 'the last page' ? from : to;
		return dataReply(found, { nextCursor: cursorOf(next, `.${this.pages++}`) });
	}

	private time(): string {
		return new Date(this.now()).toISOString();
	}
}

/** Only the service can read a cursor. This one contains characters that must be encoded in a query. */
function cursorOf(start: number, unique = ''): string {
	return `+/=& ${start}${unique}!'()*ü`;
}

function startOf(cursor: string): number | undefined {
	const start = /^\+\/=& (\d+)(?:\.\d+)?!'\(\)\*ü$/.exec(cursor)?.[1];
	return start === undefined ? undefined : Number(start);
}

/**
 * "Listing Backup Records", "Creating a Backup Record", "Viewing Backup Records", "Completing the Backup", "Deleting
 * Backup Records" and "Listing Backup Files".
 */
export function recordRoutes(records: Records, files: Files, locks: Locks): Route[] {
	const create = withLock(locks, (request) => createRecord(records, request));
	const complete = withLock(locks, (request, id) => completeRecord(records, request, id));
	return [
		route('GET', RECORDS, (request) => listRecords(records, request)),
		route('POST', RECORDS, create),
		route('GET', RECORD, (_request, id) => {
			const record = records.records.get(id);
			return record === undefined ? resourceMissing : dataReply(record);
		}),
		route('PATCH', RECORD, complete),
		route('DELETE', RECORD, deleteRecord(records, files, locks)),
		route('GET', `${RECORD}/files`, ({ query }, id) =>
			records.records.has(id) ? records.page(records.files.get(id) ?? [], query) : resourceMissing,
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

function listRecords(records: Records, { query }: ApiRequest): ApiReply {
	const moduleCode = query.get('moduleCode') ?? '';
	if (!MODULE_CODES.includes(moduleCode)) return parameterCheckFailed;
	const deviceId = query.get('deviceId');
	const found = [...records.records.values()].filter(
		(record) =>
			records.ignoresFilters ||
			(record.moduleCode === moduleCode &&
				(deviceId === null || record.deviceInfo.deviceId === deviceId)),
	);
	return records.page(found, query);
}

function createRecord(records: Records, { body }: ApiRequest): ApiReply {
	const { moduleCode, deviceId, properties } = objectIn(body) ?? {};
	if (typeof moduleCode !== 'string' || !MODULE_CODES.includes(moduleCode)) {
		return parameterCheckFailed;
	}
	if (typeof deviceId !== 'string' || deviceId === '') return parameterCheckFailed;
	if (!isJsonText(properties)) return parameterCheckFailed;
	const more = properties === undefined ? {} : { properties };
	return dataReply(records.create(moduleCode, deviceId, more));
}

function completeRecord(records: Records, { body }: ApiRequest, id: string): ApiReply {
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
