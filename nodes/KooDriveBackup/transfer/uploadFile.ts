import type { CreatedFile, NewFile, Part, StoredFile } from '../../shared/api/files';
import { completeFile, createFile, MAX_FILE_LENGTH, readCreatedFile } from '../../shared/api/files';
import { onFailure, RequestFailedError, settle } from '../../shared/errors/failure';
import type { Content } from './content';
import { toMemoryContent } from './content';
import type { Digest } from './digest';
import { digestFile } from './digest';
import { addNumber } from './fileNames';
import { planParts, sendParts } from './sendParts';
import type { Transfer } from './transfer';

/** Milliseconds in which KooDrive must have joined up to 200 GB. */
const COMPLETE_TIMEOUT = 300_000;

/** A file whose upload KooDrive has forgotten, or that arrived with another checksum, is uploaded once more. */
const MAX_UPLOADS = 2;

/** How many names are tried that KooDrive takes for the name of another file. */
const MAX_NAMES = 20;

/** How KooDrive may reject what is sent for a file that is complete (assumed). */
const REJECTS_COMPLETE_FILES = ['uploadNotFound', 'notFound', 'parameterRejected', 'rejected'];

/** Where a file goes. */
export interface UploadTarget extends Pick<NewFile, 'fileName' | 'description' | 'mimeType'> {
	recordId: string;
	lockId: string;
	/** Whether content that KooDrive stores already isn't sent again. */
	skipStored: boolean;
	/** Finds another name; missing where the user wants this one and no other. */
	rename?: (fileName: string) => string;
}

/** A file that is part of the backup, byte for byte. */
export interface UploadedFile {
	fileId: string;
	fileName: string;
	size: number;
	sha256: string;
	/** Whether KooDrive stored the content already, so that nothing was sent. */
	alreadyStored: boolean;
}

/** A file that was created, with links of this Date. */
type Creation = CreatedFile & { date?: unknown };

/**
 * Uploads a file to a record: reads it once for its hashes, creates it, sends its parts, and completes it. KooDrive
 * checks the SHA-256 of what arrived.
 *
 * @throws RequestFailedError when it can't be uploaded; then it isn't complete
 * Source: KooDrive API Reference, "Creating a Backup File", "Obtaining Upload Links", and "Checking Whether File
 * Upload Is Completed". That these belong together in this order is assumed.
 */
export async function uploadFile(
	transfer: Transfer,
	content: Content,
	target: UploadTarget,
): Promise<UploadedFile> {
	return await transfer.shared.memory.run(content.heldBytes, async () => {
		await transfer.requireNoOutage();
		const digest = await digestFile(transfer, content);
		if (digest.length > MAX_FILE_LENGTH) throw new RequestFailedError({ reason: 'fileTooLarge' });
		return await new Upload(transfer, content, target, digest).run();
	});
}

/** The upload of one file that has been read once. */
class Upload {
	private readonly parts: readonly Part[];

	private fileName: string;

	private names = 1;

	constructor(
		private readonly transfer: Transfer,
		private readonly content: Content,
		private readonly target: UploadTarget,
		private readonly digest: Digest,
	) {
		this.parts = planParts(digest.length);
		this.fileName = target.fileName;
	}

	async run(): Promise<UploadedFile> {
		for (let upload = 1; ; upload++) {
			const uploaded = await settle(this.upload(upload > 1));
			if (!(uploaded instanceof RequestFailedError)) return uploaded;
			if (upload === MAX_UPLOADS || !this.isWorthAnother(uploaded)) throw uploaded;
		}
	}

	/** @param isRepeated whether the file was created before, so that its name may be taken by itself */
	private async upload(isRepeated: boolean): Promise<UploadedFile> {
		const created = await this.create(isRepeated);
		if (!created.isStored) await this.send(created);
		this.transfer.shared.outage.markSuccess();
		const { fileId, fileName = this.fileName, isStored: alreadyStored } = created;
		const { length: size, sha256 } = this.digest;
		return { fileId, fileName, size, sha256, alreadyStored };
	}

	private isWorthAnother({ failure: { reason } }: RequestFailedError): boolean {
		// KooDrive may compare names only when a file is complete.
		if (reason === 'duplicateFileName') return this.rename(this.target.rename);
		return reason === 'uploadNotFound' || reason === 'checksumMismatch';
	}

	private async create(isRepeated: boolean): Promise<Creation> {
		for (;;) {
			const created = await settle(this.requestCreation());
			if (!(created instanceof RequestFailedError)) return created;
			const { failure, attempts } = created;
			if (failure.reason !== 'duplicateFileName') throw created;
			const ours = attempts?.outcomeUnknown === true ? await this.findNamesake() : undefined;
			if (ours !== undefined) return ours;
			if (!this.rename(isRepeated ? addNumber : this.target.rename)) throw created;
		}
	}

	/** How many links may be asked for, and that hashes may be sent, isn't documented: it's tried with fewer, and without. */
	private async requestCreation(): Promise<Creation> {
		const { transfer, parts, fileName, digest } = this;
		const { shared } = transfer;
		const { recordId, lockId, description, mimeType, skipStored } = this.target;
		const { length, hashes } = digest;
		const mostLinks = Math.min(parts.length, shared.linksPerRequest);
		let linkCount = mostLinks;
		let offersHashes = skipStored && shared.offersHashes;
		for (;;) {
			const newFile = { fileName, description, mimeType, length, parts: parts.slice(0, linkCount) };
			const file = offersHashes ? { ...newFile, hashes } : newFile;
			const response = await settle(transfer.request(createFile(recordId, lockId, file)));
			if (!(response instanceof RequestFailedError)) {
				if (linkCount < mostLinks) shared.linksPerRequest = linkCount;
				if (skipStored && !offersHashes) shared.offersHashes = false;
				const created = readCreatedFile(response.body);
				if (created !== undefined) return { ...created, date: response.date };
				throw new RequestFailedError({ reason: 'responseIncomplete', detail: 'no file ID' });
			}
			const isTooMuch = response.failure.reason === 'parameterRejected';
			if (isTooMuch && linkCount > 1) linkCount = 1;
			else if (isTooMuch && offersHashes) offersHashes = false;
			else throw response;
		}
	}

	/** A file that existed, or whose completion had no response, may be complete: then KooDrive takes nothing more for it. */
	private async send(created: Creation): Promise<void> {
		await this.sendAndComplete(created).catch(
			onFailure(async (error) => {
				const mayBeComplete = created.existed || error.attempts?.outcomeUnknown === true;
				const isClosed = REJECTS_COMPLETE_FILES.includes(error.failure.reason);
				if (!mayBeComplete || !isClosed || !(await this.isListed(created.fileId))) throw error;
			}),
		);
	}

	private async sendAndComplete({ fileId, links, date }: Creation): Promise<void> {
		const { transfer, parts, digest } = this;
		const { sha256 } = digest;
		const content = digest.bytes === undefined ? this.content : toMemoryContent(digest.bytes);
		await sendParts(transfer, content, { fileId, parts, sha256, received: { links, date } });
		const request = completeFile(fileId, this.target.lockId, sha256);
		await transfer.request(request, { timeout: COMPLETE_TIMEOUT });
	}

	/** What a request whose response was lost may have created. */
	private async findNamesake(): Promise<Creation | undefined> {
		const file = await this.find(({ fileName }) => fileName === this.fileName);
		if (file === undefined) return undefined;
		return { fileId: file.fileId, isStored: false, existed: true, links: new Map() };
	}

	/** A list may name a file without its content, so that this alone doesn't show that it's complete. */
	private async isListed(fileId: string): Promise<boolean> {
		return (await this.find((file) => file.fileId === fileId)) !== undefined;
	}

	/** Finds a file of the record with this content. */
	private async find(matches: (file: StoredFile) => boolean): Promise<StoredFile | undefined> {
		const { length, sha256 } = this.digest;
		const files = await this.transfer.listFiles(this.target.recordId);
		return files.find((file) => matches(file) && file.size === length && file.sha256 === sha256);
	}

	/** @returns whether there is another name */
	private rename(toOther: UploadTarget['rename']): boolean {
		if (toOther === undefined || this.names === MAX_NAMES) return false;
		this.names++;
		this.fileName = toOther(this.fileName);
		return true;
	}
}
