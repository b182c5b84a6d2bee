import type { IDataObject } from 'n8n-workflow';

import { readBody } from '../../shared/http/responseBody';
import type { RequestResult } from '../../shared/http/result';
import { requireBody, RequestFailedError } from '../../shared/http/result';
import type { Content } from './content';
import { throwUnreadable } from './content';
import type { Digest, DigestedFile } from './digest';
import { digestFile } from './digest';
import type { CreatedFile, FileTarget } from './fileRequests';
import { readCreatedFile, toCompleteFileRequest, toCreateFileRequest } from './fileRequests';
import { listFiles } from './listFiles';
import { readAhead } from './readAhead';
import { readParts } from './readParts';
import type { PartPlan } from './parts';
import { MAX_FILE_LENGTH, PART_SIZE, planParts } from './parts';
import type { Transfer } from './transfer';
import { UploadLinks } from './uploadLinks';

/** KooDrive may forget an upload before it's completed: then the file is uploaded once more. */
const MAX_UPLOADS = 2;

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
			created.isStored ||
			(created.existed && (await isComplete(transfer, created, target, digest)));
		if (alreadyStored) return toUploadedFile(created, target, digest, alreadyStored);
		await sendParts(transfer, content, created, file, plan);
		const completed = await completeFile(transfer, created, target, digest);
		if (completed.ok) return toUploadedFile(created, target, digest, alreadyStored);
		const { failure, attempts } = completed;
		if (failure.reason === 'uploadNotFound' && upload < MAX_UPLOADS) continue;
		throw new RequestFailedError(failure, attempts);
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
	const create = async (offersHashes: boolean): Promise<RequestResult> =>
		await transfer.tryRequest(
			toCreateFileRequest(recordId, lockId, target, digest, plan, offersHashes),
		);
	const offersHashes = skipStored && shared.offersHashes;
	let result = await create(offersHashes);
	if (!result.ok && offersHashes && result.failure.reason === 'parameterRejected') {
		result = await create(false);
		if (result.ok) shared.offersHashes = false;
	}
	const created = readCreatedFile(requireBody(result));
	if (created !== undefined) return created;
	throw new RequestFailedError({ reason: 'responseIncomplete', detail: 'no file ID' });
}

/** That the parts of one file must go one after another is assumed: sending them side by side needs a hash state. */
async function sendParts(
	transfer: Transfer,
	content: Content,
	{ fileId, multiParts }: CreatedFile,
	{ digest, bytes }: DigestedFile,
	plan: PartPlan,
): Promise<void> {
	const { clock } = transfer.execution;
	const request = transfer.request.bind(transfer);
	const links = new UploadLinks(fileId, plan, multiParts, request, clock);
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
): Promise<RequestResult> {
	const request = toCompleteFileRequest(created.fileId, target.lockId, digest.sha256);
	const result = await transfer.tryRequest(request);
	if (result.ok || !result.attempts.outcomeUnknown) return result;
	const isCompleted = await isComplete(transfer, created, target, digest);
	return isCompleted ? { ok: true, body: {}, attempts: result.attempts } : result;
}

/** @returns whether the record lists the file with this length and hash */
async function isComplete(
	transfer: Transfer,
	{ fileId }: CreatedFile,
	{ recordId }: UploadTarget,
	{ length, sha256 }: Digest,
): Promise<boolean> {
	const files = await listFiles(transfer, recordId);
	const file = files.find((entry) => entry.fileId === fileId);
	return file?.size === length && file.sha256 === sha256;
}
