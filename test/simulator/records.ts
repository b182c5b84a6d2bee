import type { Locks } from './locks';
import type { Reply } from './replies';
import {
	done,
	MODULE_CODES,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
	success,
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

/** A file of a backup. */
export interface BackupFile {
	fileId: string;
	fileName: string;
	sha256: string;
	size: number;
	description: string;
	createTime: string;
}

/** A request for records, taken apart. */
export interface RecordRequest {
	method: string;
	/** What follows the path of the records, such as `/184/files`. */
	rest: string;
	query: URLSearchParams;
	lockId: string;
	body: Buffer;
}

const FIRST_ID = 1_842_862_763_295_184_641n;
const ROUTE = /^(?:\/([^/]+)(\/files)?)?$/;
const LONGEST_CURSOR = 1000;

/** The backup records of the simulated service. */
export class Records {
	readonly records = new Map<string, BackupRecord>();

	readonly files = new Map<string, BackupFile[]>();

	/** The most entries that a page holds, however many are asked for. */
	longestPage = 100;

	private made = 0n;

	constructor(
		private readonly now: () => number,
		private readonly locks: Locks,
	) {}

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

	/** Answers a request that has been let in. */
	answer(request: RecordRequest): Reply | undefined {
		const route = ROUTE.exec(request.rest);
		if (route === null) return undefined;
		const id = route[1] === undefined ? undefined : decodeURIComponent(route[1]);
		if (id === undefined) return this.answerForAll(request);
		if (route[2] !== undefined) {
			if (request.method !== 'GET') return undefined;
			return this.records.has(id) ? this.page(this.files.get(id) ?? [], request) : resourceMissing;
		}
		return this.answerForOne(id, request);
	}

	private answerForAll(request: RecordRequest): Reply | undefined {
		switch (request.method) {
			case 'GET':
				return this.list(request);
			case 'POST':
				return this.refusedWithoutLock(request) ?? this.begin(request.body);
			default:
				return undefined;
		}
	}

	private answerForOne(id: string, request: RecordRequest): Reply | undefined {
		const record = this.records.get(id);
		switch (request.method) {
			case 'GET':
				return record === undefined
					? resourceMissing
					: { status: 200, body: { data: record, ...success } };
			case 'PATCH':
				return this.refusedWithoutLock(request) ?? this.complete(record, request.body);
			case 'DELETE':
				if (request.body.length > 0) return parameterCheckFailed;
				return (
					this.refusedWithoutLock(request) ?? (this.records.delete(id) ? done : resourceMissing)
				);
			default:
				return undefined;
		}
	}

	private refusedWithoutLock({ lockId }: RecordRequest): Reply | undefined {
		if (lockId === '') return parameterCheckFailed;
		return this.locks.isAlive(lockId) ? undefined : resourceMissing;
	}

	private begin(body: Buffer): Reply {
		const { moduleCode, deviceId, properties } = objectIn(body) ?? {};
		if (typeof moduleCode !== 'string' || !MODULE_CODES.includes(moduleCode)) {
			return parameterCheckFailed;
		}
		if (typeof deviceId !== 'string' || deviceId === '') return parameterCheckFailed;
		if (!isJsonText(properties)) return parameterCheckFailed;
		const record = this.create(
			moduleCode,
			deviceId,
			properties === undefined ? {} : { properties },
		);
		return { status: 200, body: { data: record, ...success } };
	}

	private complete(record: BackupRecord | undefined, body: Buffer): Reply {
		const { properties } = objectIn(body) ?? { properties: 0 };
		if (!isJsonText(properties)) return parameterCheckFailed;
		if (record === undefined) return resourceMissing;
		Object.assign(record, { status: 1, version: record.version + 1, endTime: this.time() });
		if (properties !== undefined) record.properties = properties;
		return done;
	}

	private list(request: RecordRequest): Reply {
		const { query } = request;
		const moduleCode = query.get('moduleCode') ?? '';
		if (!MODULE_CODES.includes(moduleCode)) return parameterCheckFailed;
		const deviceId = query.get('deviceId');
		const found = [...this.records.values()].filter(
			(record) =>
				record.moduleCode === moduleCode &&
				(deviceId === null || record.deviceInfo.deviceId === deviceId),
		);
		return this.page(found, request);
	}

	private page(entries: unknown[], { query }: RecordRequest): Reply {
		const pageSize = Number(query.get('pageSize') ?? '1');
		const cursor = query.get('cursor') ?? cursorOf(0);
		const from = startOf(cursor);
		const isPageSize = Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 100;
		if (!isPageSize || from === undefined || cursor.length > LONGEST_CURSOR) {
			return parameterCheckFailed;
		}
		const to = from + Math.min(pageSize, this.longestPage);
		const nextCursor = to < entries.length ? { nextCursor: cursorOf(to) } : {};
		return { status: 200, body: { data: entries.slice(from, to), ...nextCursor, ...success } };
	}

	private time(): string {
		return new Date(this.now()).toISOString();
	}
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

/** A cursor is nobody's business but the service's: this one holds what must be encoded in a query. */
function cursorOf(start: number): string {
	return `+/=& ${start}!'()*ü`;
}

function startOf(cursor: string): number | undefined {
	const start = /^\+\/=& (\d+)!'\(\)\*ü$/.exec(cursor)?.[1];
	return start === undefined ? undefined : Number(start);
}
