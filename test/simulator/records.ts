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
	sha256: string;
	/** Bytes. */
	size: number;
	description: string;
	createTime: string;
}

const FIRST_ID = 1_842_862_763_295_184_641n;

/** The backup records of the simulated service. */
export class Records {
	readonly records = new Map<string, BackupRecord>();

	/** The files that a record lists, by the record's ID: those that are complete. */
	readonly files = new Map<string, BackupFile[]>();

	/** The most entries that a page holds, however many are asked for. */
	longestPage = 100;

	private made = 0n;

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

	private time(): string {
		return new Date(this.now()).toISOString();
	}
}
