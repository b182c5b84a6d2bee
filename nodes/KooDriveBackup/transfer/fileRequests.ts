import type { IDataObject } from 'n8n-workflow';

import { toLockHeader } from '../../shared/descriptions/lockId';
import { isJsonObject } from '../../shared/http/json';
import type { KooDriveRequest } from '../../shared/http/request';
import { toRecordPath } from '../resources/record/record';
import type { Digest } from './digest';
import { toFileType } from './fileType';
import type { PartPlan } from './parts';
import { listParts } from './parts';
import { LINKS_PER_REQUEST } from './uploadLinks';

/** A file as it's named in a backup. */
export interface FileTarget {
	fileName: string;
	/** At most 512 characters; where the file came from. */
	description?: string;
	mimeType: string;
}

/**
 * Makes the request that creates a file in a record. Sending it twice makes the same file twice at worst, which the
 * record's listing shows, so it's sent again where the outcome is unknown.
 *
 * @param offersHashes whether the content is offered by its hashes, so that it isn't sent if KooDrive stores it
 * Source: KooDrive API Reference, "Creating a Backup File". The end of that page isn't known; the fields after
 * `length`, the root folder, and the response follow "Creating File Metadata" (assumed). That a backup file needs
 * neither `containerId` nor `autoRename` is assumed too.
 */
export function toCreateFileRequest(
	recordId: string,
	lockId: string,
	{ fileName, description, mimeType }: FileTarget,
	{ length, sha256, preHash, proofCode }: Digest,
	plan: PartPlan,
	offersHashes: boolean,
): KooDriveRequest {
	return {
		method: 'POST',
		path: `${toRecordPath(recordId)}/file`,
		headers: toLockHeader(lockId),
		body: {
			fileName,
			fileType: toFileType(mimeType),
			parentFolder: ['root'],
			length,
			mimeType,
			...(description !== undefined && { description }),
			uploadMode: 'multipart',
			uploadType: 1,
			multiParts: listParts(plan, 1, LINKS_PER_REQUEST).map((part) => ({ ...part })),
			...(offersHashes && { sha256, preHash, ...(proofCode !== undefined && { proofCode }) }),
		},
		idempotent: true,
		codeMayBeText: true,
	};
}

/** What KooDrive returns for a file that was created. */
export interface CreatedFile {
	fileId: string;
	/** After a renaming by KooDrive, where it says so. */
	fileName?: string;
	/** Whether KooDrive stores the content already: then nothing is uploaded or completed. */
	isStored: boolean;
	/** Whether the record had such a file already: perhaps an empty one, if the response to its creation was lost. */
	existed: boolean;
	multiParts: unknown;
}

/**
 * @returns `undefined` where the response names no file
 * Source: "Creating File Metadata" (assumed for a backup file): there the fields are not under `data`, while those of
 * all other responses about backups are, so both are read.
 */
export function readCreatedFile(body: IDataObject): CreatedFile | undefined {
	const fields = isJsonObject(body.data) ? { ...body, ...body.data } : body;
	const { fileId, fileName, rapidUpload, exist, multiParts } = fields;
	if (typeof fileId !== 'string' && typeof fileId !== 'number') return undefined;
	return {
		fileId: String(fileId),
		...(typeof fileName === 'string' && fileName !== '' && { fileName }),
		isStored: rapidUpload === true,
		existed: exist === true,
		multiParts,
	};
}

/**
 * Makes the request that joins the parts of a file and has KooDrive check its SHA-256.
 *
 * Source: KooDrive API Reference, "Checking Whether File Upload Is Completed". That it serves backup files too is
 * assumed; the lock header is sent in case it's needed.
 */
export function toCompleteFileRequest(
	fileId: string,
	lockId: string,
	sha256: string,
): KooDriveRequest {
	return {
		method: 'POST',
		path: '/koodrive/ose/v1/files/complete',
		headers: toLockHeader(lockId),
		body: { fileId, sha256 },
		idempotent: true,
		codeMayBeText: true,
	};
}
