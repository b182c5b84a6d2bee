import { FileCatalog } from './fileCatalog';
import type { CatalogedFile, Place } from './fileCatalog';
import type { FileRequest, PartSize } from './fileRequests';
import { FileUpload, SMALLEST_PART } from './fileRequests';
import type { ObjectStore } from './objectStore';
import { proofCode, proofRange } from './proofCode';
import type { BackupFile, Records } from './records';
import { Content, contentOf } from './store/content';

const FIRST_ID = 1_842_900_000_000_000_001n;

/** A file to put into a record without uploading it. */
export interface FileToAdd {
	fileName: string;
	content: Content | Buffer;
	description?: string;
	parentFolder?: string[];
}

/** What became of a file that was created. */
export interface CreatedFile {
	fileId: string;
	fileName: string;
	/** The content is stored already. */
	rapidUpload: boolean;
	/** The file itself is there already. */
	exist: boolean;
	/** The upload that is to follow, unless the content is stored already. */
	upload?: FileUpload;
}

export type Completion = 'completed' | 'no upload' | 'not intact' | 'duplicate name';

/** The files of all backup records. */
export class Files {
	/** The most parts that one request may ask links for; the pages name no limit. */
	mostPartsPerRequest = Infinity;

	/** Bytes that every part but the last must have: a test may allow smaller ones, which take less time. */
	smallestPart = SMALLEST_PART;

	/** Whether a name that is taken, from the creation of a file on, is rejected; otherwise the new file gets a number. */
	rejectsTakenNames = false;

	/** Whether a record lists files that aren't complete yet. */
	listsIncomplete = false;

	private made = 0n;

	private readonly uploads = new Map<string, FileUpload>();

	private readonly catalog = new FileCatalog();

	constructor(
		private readonly now: () => number,
		private readonly records: Records,
		private readonly store: ObjectStore,
	) {}

	/** Makes the same of names that are taken for equal. */
	set nameForm(form: (name: string) => string) {
		this.catalog.nameForm = form;
	}

	/** Puts a file into a record without being asked over the wire. */
	add(recordId: string, { content, ...file }: FileToAdd): BackupFile {
		const kept = content instanceof Content ? content : contentOf(content);
		const key = this.store.objects.keep(this.store.objects.begin(), kept);
		const described = { description: '', parentFolder: ['root'], ...file };
		return this.catalogFile(this.nextId(), recordId, described, key);
	}

	/** The content of a file that was uploaded. */
	content(fileId: string): Content | undefined {
		const file = this.catalog.get(fileId);
		return file === undefined ? undefined : this.store.objects.object(file.key);
	}

	/** A file that was uploaded. */
	get(fileId: string): CatalogedFile | undefined {
		return this.catalog.get(fileId);
	}

	/** The upload of a file, as long as its record takes files. */
	upload(fileId: string): FileUpload | undefined {
		const upload = this.uploads.get(fileId);
		return upload !== undefined && this.records.isOpen(upload.recordId) ? upload : undefined;
	}

	/**
	 * @param origin see {@link proofRange}
	 * @returns `undefined` if the name is taken
	 */
	create(recordId: string, file: FileRequest, origin: string): CreatedFile | undefined {
		const key = this.keyOfHeld(file, origin);
		const namesake = this.catalog.at(recordId, file);
		if (key !== undefined && namesake?.key === key) {
			const { fileId, fileName } = namesake.shown;
			return { fileId, fileName, rapidUpload: true, exist: true };
		}
		if (this.rejectsTakenNames && this.isTaken(recordId, file)) return undefined;
		const fileId = this.nextId();
		// That a name which is taken is changed, and how, is assumed from "Creating File Metadata".
		const fileName = this.catalog.freeName(recordId, file);
		const named = { ...file, fileName };
		if (key !== undefined) {
			this.catalogFile(fileId, recordId, named, key);
			return { fileId, fileName, rapidUpload: true, exist: false };
		}
		const upload = new FileUpload(recordId, named, this.store.objects.begin(), this.smallestPart);
		this.uploads.set(fileId, upload);
		if (this.listsIncomplete) this.list(recordId, this.describe(fileId, named));
		return { fileId, fileName, rapidUpload: false, exist: false, upload };
	}

	/** Gives out links for parts; `undefined` if the upload can't have such parts. */
	linkParts(
		upload: FileUpload,
		parts: PartSize[],
	): Array<PartSize & { uploadUrl: string }> | undefined {
		if (parts.length > this.mostPartsPerRequest || !upload.expect(parts)) return undefined;
		return parts.map(({ partNumber, partSize }) => ({
			partNumber,
			partSize,
			uploadUrl: this.store.uploadLink(upload.uploadId, partNumber, partSize),
		}));
	}

	/** @param sha256 in hex, if the request bears one */
	complete(fileId: string, sha256: string | undefined): Completion {
		const upload = this.upload(fileId);
		if (upload === undefined) return 'no upload';
		const { recordId, file, uploadId } = upload;
		const { objects } = this.store;
		const parts = objects.upload(uploadId)!;
		const content = parts.join();
		if (content === undefined || !upload.isIntact(content, parts.sizes, sha256)) {
			return 'not intact';
		}
		if (this.catalog.at(recordId, file) !== undefined) return 'duplicate name';
		this.uploads.delete(fileId);
		this.catalogFile(fileId, recordId, file, objects.keep(uploadId, content));
		return 'completed';
	}

	/** Deletes the files and the uploads of a record. */
	deleteOf(recordId: string): void {
		for (const [fileId, upload] of this.uploads) {
			if (upload.recordId !== recordId) continue;
			this.store.objects.cancel(upload.uploadId);
			this.uploads.delete(fileId);
		}
		for (const key of this.catalog.removeOf(recordId)) this.store.objects.delete(key);
	}

	private nextId(): string {
		return String(FIRST_ID + this.made++);
	}

	private isTaken(recordId: string, file: FileRequest): boolean {
		const place = this.catalog.placeOf(recordId, file);
		return (
			this.catalog.at(recordId, file) !== undefined ||
			[...this.uploads.values()].some(
				(upload) => this.catalog.placeOf(upload.recordId, upload.file) === place,
			)
		);
	}

	private catalogFile(
		fileId: string,
		recordId: string,
		file: Place & { description: string },
		key: string,
	): BackupFile {
		const { sha256, length } = this.store.objects.object(key)!;
		const shown = this.describe(fileId, { ...file, sha256, length });
		this.catalog.add(fileId, { recordId, place: file, shown, key });
		this.list(recordId, shown);
		return shown;
	}

	private describe(
		fileId: string,
		{ fileName, description, sha256, length }: Omit<FileRequest, 'multiParts'>,
	): BackupFile {
		const createTime = new Date(this.now()).toISOString();
		return { fileId, fileName, sha256, size: length, description, createTime };
	}

	/** Lists a file, in place of what it was before it was complete. */
	private list(recordId: string, shown: BackupFile): void {
		const listed = this.records.files.get(recordId) ?? [];
		const before = this.listsIncomplete
			? listed.findIndex(({ fileId }) => fileId === shown.fileId)
			: -1;
		if (before < 0) listed.push(shown);
		else listed[before] = shown;
		this.records.files.set(recordId, listed);
	}

	/** The key of a content that the store holds, if the request proves that its sender has it too. */
	private keyOfHeld(file: FileRequest, origin: string): string | undefined {
		const key = this.catalog.withContent(file.sha256, file.length)?.key;
		if (key === undefined || file.length === 0) return key;
		const proof = this.store.objects.object(key)!.read(...proofRange(origin, file.length));
		return proofCode(proof) === file.proofCode ? key : undefined;
	}
}
