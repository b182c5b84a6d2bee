import type { IDataObject } from 'n8n-workflow';

import type { CreatedFile } from '../../shared/api/files';
import {
	completeFile as toCompleteFileRequest,
	createFile as toCreateFileRequest,
	LINKS_PER_REQUEST,
	MAX_FILE_LENGTH,
	readCreatedFile,
} from '../../shared/api/files';
import { onFailure, RequestFailedError } from '../../shared/errors/requestFailedError';
import { readBody } from '../../shared/http/responseBody';
import type { KooDriveResponse } from '../../shared/http/client';
import type { Content } from './content';
import { throwUnreadable } from './content';
import type { Digest, DigestedFile } from './digest';
import { digestFile } from './digest';
import { readAhead } from './readAhead';
import { readParts } from './readParts';
import type { PartPlan } from './parts';
import { listParts, PART_SIZE, planParts } from './parts';
import type { Transfer } from './transfer';
import { UploadLinks } from './uploadLinks';

/** KooDrive may forget an upload before it's completed: then the file is uploaded once more. */
const MAX_UPLOADS = 2;

/** A file as it's named in a backup. */
export interface FileTarget {
	fileName: string;
	/** At most 512 characters; where the file came from. */
	description?: string;
	mimeType: string;
}

/** Where a file goes. */
export interface UploadTarget extends FileTarget {
	recordId: string;
	lockId: string;
	/** Whether content that KooDrive stores already isn't sent again. */
	skipStored: boolean;
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

/**
 * Uploads a file to a record: reads it once for its hashes, creates it, sends its parts in order, and completes it.
 * KooDrive checks the SHA-256 of what arrived.
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
	const length = await content.expectedLength().catch(throwUnreadable);
	return await transfer.shared.memory.run(estimateMemory(length), async () => {
		transfer.requireActive();
		return await uploadNow(transfer, content, target);
	});
}

/** A part that is sent, its encrypted copy in Node's TLS, and the part that is read meanwhile. */
function estimateMemory(length = PART_SIZE): number {
	return 3 * Math.min(length, PART_SIZE);
}

async function uploadNow(
	transfer: Transfer,
	content: Content,
	target: UploadTarget,
): Promise<UploadedFile> {
	const { proofSeed } = transfer.item.client;
	const stoppable = { ...content, open: async () => transfer.whileActive(await content.open()) };
	const file = await digestFile(stoppable, proofSeed).catch(throwUnreadable);
	const { digest } = file;
	transfer.shared.markProgress();
	if (digest.length > MAX_FILE_LENGTH) throw new RequestFailedError({ reason: 'fileTooLarge' });
	const plan = planParts(digest.length);
	for (let upload = 1; ; upload++) {
		const created = await createFile(transfer, target, digest, plan);
		const alreadyStored =
			created.isStored || (created.existed && (await isListed(transfer, created, target, digest)));
		if (alreadyStored) return toUploadedFile(created, target, digest, alreadyStored);
		await sendParts(transfer, content, created, file, plan);
		const isComplete = await completeFile(transfer, created, target, digest).then(
			() => true,
			onFailure((error) => {
				if (error.failure.reason !== 'uploadNotFound' || upload === MAX_UPLOADS) throw error;
				return false;
			}),
		);
		if (isComplete) return toUploadedFile(created, target, digest, alreadyStored);
	}
}

function toUploadedFile(
	{ fileId, fileName }: CreatedFile,
	target: UploadTarget,
	{ length, sha256 }: Digest,
	alreadyStored: boolean,
): UploadedFile {
	return {
		fileId,
		fileName: fileName ?? target.fileName,
		size: length,
		sha256,
		alreadyStored,
	};
}

/**
 * That a backup file may be offered by its hashes is assumed of "Creating File Metadata". If KooDrive rejects a
 * parameter, the file is created without them.
 */
async function createFile(
	transfer: Transfer,
	target: UploadTarget,
	digest: Digest,
	plan: PartPlan,
): Promise<CreatedFile> {
	const { shared } = transfer;
	const { recordId, lockId, skipStored } = target;
	const { length, ...hashes } = digest;
	const file = { ...target, length, parts: listParts(plan, 1, LINKS_PER_REQUEST) };
	const create = async (offersHashes: boolean): Promise<KooDriveResponse> =>
		await transfer.request(
			toCreateFileRequest(recordId, lockId, { ...file, ...(offersHashes && { hashes }) }),
		);
	const offersHashes = skipStored && shared.offersHashes;
	const { body } = await create(offersHashes).catch(async (error: unknown) => {
		const isRejected =
			error instanceof RequestFailedError && error.failure.reason === 'parameterRejected';
		if (!isRejected || !offersHashes) throw error;
		const response = await create(false);
		shared.offersHashes = false;
		return response;
	});
	const created = readCreatedFile(body);
	if (created !== undefined) return created;
	throw new RequestFailedError({ reason: 'responseIncomplete', detail: 'no file ID' });
}

/** That the parts of one file must go one after another is assumed: sending them side by side needs a hash state. */
async function sendParts(
	transfer: Transfer,
	content: Content,
	created: CreatedFile,
	{ digest, bytes }: DigestedFile,
	plan: PartPlan,
): Promise<void> {
	const { clock } = transfer.execution;
	const request = transfer.request.bind(transfer);
	const links = new UploadLinks(created.fileId, plan, created.links, request, clock);
	const parts = bytes === undefined ? readAhead(readParts(content, plan, digest)) : [bytes];
	let partNumber = 0;
	for await (const part of parts) {
		partNumber++;
		transfer.shared.markProgress();
		await sendPart(transfer, links, partNumber, part);
	}
}

async function sendPart(
	transfer: Transfer,
	links: UploadLinks,
	partNumber: number,
	bytes: Buffer,
): Promise<void> {
	await transfer.exchange(
		async (isExpired) => (isExpired ? await links.renew(partNumber) : await links.get(partNumber)),
		{ method: 'PUT', headers: toPartHeaders(bytes), body: bytes },
		async ({ body }) => void (await readBody(body)),
	);
}

/** n8n's HTTP helper leaves out an empty body, and gives any other the type of a form. */
function toPartHeaders(bytes: Buffer): IDataObject {
	return { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length };
}

/** A repeated request may be rejected because the first one, whose response was lost, has completed the file. */
async function completeFile(
	transfer: Transfer,
	created: CreatedFile,
	target: UploadTarget,
	digest: Digest,
): Promise<void> {
	const request = toCompleteFileRequest(created.fileId, target.lockId, digest.sha256);
	await transfer.request(request).catch(
		onFailure(async (error) => {
			const isUnknown = error.attempts?.outcomeUnknown === true;
			if (!isUnknown || !(await isListed(transfer, created, target, digest))) throw error;
		}),
	);
}

/** @returns whether the record lists the file with this length and hash */
async function isListed(
	transfer: Transfer,
	{ fileId }: CreatedFile,
	{ recordId }: UploadTarget,
	{ length, sha256 }: Digest,
): Promise<boolean> {
	const files = await transfer.listFiles(recordId);
	const file = files.find((entry) => entry.fileId === fileId);
	return file?.size === length && file.sha256 === sha256;
}
