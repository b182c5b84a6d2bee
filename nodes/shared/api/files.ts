import type { IDataObject } from 'n8n-workflow';

import { uriEncode } from '../../../credentials/wire';
import { isJsonObject, parseCount, parseId, withIdAsText } from '../http/json';
import type { KooDriveRequest } from '../http/request';
import { toLockHeader } from './locks';
import { toRecordPath } from './records';

/** The most links that one request asks for. How many it may ask for isn't documented; the printed example has 5. */
export const LINKS_PER_REQUEST = 20;

/** The most bytes of one file. Source: KooDrive API Reference, "Creating a Backup File", field `length`. */
export const MAX_FILE_LENGTH = 200 * 1024 ** 3;

/** The most parts of one file. Source: KooDrive API Reference, "Creating File Metadata", field `multiParts`. */
export const MAX_PARTS = 10_000;

/** The most characters of a description. Source: KooDrive API Reference, "Creating File Metadata". */
export const MAX_DESCRIPTION = 512;

/** One part of a file; parts are counted from 1. */
export interface Part {
	partNumber: number;
	/** Bytes. */
	partSize: number;
}

/** Hexadecimal SHA-256 hashes by which content is offered, so that it isn't sent if KooDrive stores it already. */
export interface ContentHashes {
	sha256: string;
	preHash: string;
	/** Missing for an empty file, which needs none. */
	proofCode?: string;
}

/** A file to be created in a record. */
export interface NewFile {
	fileName: string;
	/** At most 512 characters; where the file came from. */
	description?: string;
	mimeType: string;
	/** Bytes. */
	length: number;
	/** Those whose links are wanted. */
	parts: readonly Part[];
	/** Missing where the content is to be sent in any case. */
	hashes?: ContentHashes;
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
	/** The links to its parts. */
	links: Map<number, string>;
}

/**
 * Sending it twice makes the same file twice at worst, which the record's listing shows, so it's sent again where
 * the outcome is unknown.
 *
 * Source: KooDrive API Reference, "Creating a Backup File". The end of that page isn't known; the fields after
 * `length`, the root folder, and the response follow "Creating File Metadata" (assumed). That a backup file needs
 * neither `containerId` nor `autoRename` is assumed too, and so is that it may be offered by its hashes.
 */
export function createFile(recordId: string, lockId: string, file: NewFile): KooDriveRequest {
	const { fileName, description, mimeType, length, parts, hashes } = file;
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
			description,
			uploadMode: 'multipart',
			uploadType: 1,
			multiParts: parts.map((part) => ({ ...part })),
			...hashes,
		},
		idempotent: true,
		codeMayBeText: true,
		linkMember: 'uploadUrl',
	};
}

/**
 * @returns `undefined` where the response names no file. Its fields are not under `data` in "Creating File Metadata",
 * while those of all other responses about backups are, so both are read.
 */
export function readCreatedFile(body: IDataObject): CreatedFile | undefined {
	const fields = withData(body);
	const { fileName, rapidUpload, exist } = fields;
	const fileId = parseId(fields.fileId);
	if (fileId === undefined) return undefined;
	return {
		fileId,
		...(typeof fileName === 'string' && fileName !== '' && { fileName }),
		isStored: rapidUpload === true,
		existed: exist === true,
		links: readUploadLinks(body),
	};
}

/** Source: KooDrive API Reference, "Obtaining Upload Links". */
export function getUploadLinks(fileId: string, parts: readonly Part[]): KooDriveRequest {
	return {
		method: 'POST',
		path: '/koodrive/ose/v1/files/multipart/uploadUrl',
		body: { fileId, multiParts: parts.map((part) => ({ ...part })) },
		idempotent: true,
		codeMayBeText: true,
		linkMember: 'uploadUrl',
	};
}

/** @returns the links by part number, whatever their order. That they may be under `data` is assumed. */
export function readUploadLinks(body: IDataObject): Map<number, string> {
	const { multiParts } = withData(body);
	const entries = Array.isArray(multiParts) ? multiParts.filter(isJsonObject) : [];
	return new Map(
		entries.flatMap(({ partNumber, uploadUrl }) => {
			const number = parseCount(partNumber);
			return number !== undefined && isLink(uploadUrl) ? [[number, uploadUrl] as const] : [];
		}),
	);
}

/**
 * Joins the parts of a file and has KooDrive check its SHA-256.
 *
 * Source: KooDrive API Reference, "Checking Whether File Upload Is Completed". That it serves backup files too is
 * assumed; the lock header is sent in case it's needed.
 */
export function completeFile(fileId: string, lockId: string, sha256: string): KooDriveRequest {
	return {
		method: 'POST',
		path: '/koodrive/ose/v1/files/complete',
		headers: toLockHeader(lockId),
		body: { fileId, sha256 },
		idempotent: true,
		codeMayBeText: true,
	};
}

/** Source: KooDrive API Reference, "Obtaining Download Links". */
export function getDownloadLinks(containerId: string, fileIds: readonly string[]): KooDriveRequest {
	return {
		method: 'POST',
		path: '/koodrive/ose/v1/files/download',
		body: { containerId, fileIds: [...fileIds] },
		idempotent: true,
		codeMayBeText: true,
		linkMember: 'url',
	};
}

/** What KooDrive returns for one of the files whose links were asked for. */
export interface FileLink {
	fileId: string;
	url?: string;
	/** Why there is no link. */
	code?: number;
	msg?: unknown;
}

/** That the fields may be under `data`, as in responses about backups, is assumed; both are read. */
export function readDownloadLinks(body: IDataObject): FileLink[] {
	const { downloads } = withData(body);
	const entries = Array.isArray(downloads) ? downloads.filter(isJsonObject) : [];
	return entries.flatMap(({ fileId: id, url, code, msg }) => {
		const fileId = parseId(id);
		return fileId === undefined
			? []
			: { fileId, url: isLink(url) ? url : undefined, code: parseCount(code), msg };
	});
}

/**
 * The space that backup files are in. That it's the user's individual space (`type=1`) is assumed: a BackupFile
 * doesn't say where it is.
 *
 * @param containerId names one of several individual spaces
 * Source: KooDrive API Reference, "Querying Space Information".
 */
export function getSpace(userId: string, containerId?: string): KooDriveRequest {
	return {
		method: 'GET',
		path: `/koodrive/ose/v1/space/${uriEncode(userId)}`,
		query: [
			['type', '1'],
			...(containerId === undefined ? [] : [['containerId', containerId] as const]),
		],
		idempotent: true,
		codeMayBeText: true,
	};
}

/** @returns `undefined` where the response names no space */
export function readContainerId({ data }: IDataObject): string | undefined {
	return isJsonObject(data) ? parseId(data.containerId) : undefined;
}

/** Comes in pages. Source: KooDrive API Reference, "Listing Backup Files". */
export function listFiles(recordId: string): KooDriveRequest {
	return { method: 'GET', path: `${toRecordPath(recordId)}/files`, idempotent: true };
}

/** A file of a backup, as KooDrive lists it. */
export interface StoredFile {
	fileId: string;
	fileName: string;
	/** Bytes; `undefined` where KooDrive doesn't say. */
	size: number | undefined;
	/** Hexadecimal, lower case; `undefined` where KooDrive doesn't say. */
	sha256: string | undefined;
	description: string;
}

/** @returns a BackupFile, checked */
export function toStoredFile(entry: IDataObject): StoredFile {
	const { fileId, fileName, size, sha256, description } = entry;
	return {
		fileId: parseId(fileId) ?? '',
		fileName: typeof fileName === 'string' ? fileName : '',
		size: parseCount(size),
		sha256: typeof sha256 === 'string' && sha256 !== '' ? sha256.toLowerCase() : undefined,
		description: typeof description === 'string' ? description : '',
	};
}

/** @returns a BackupFile with its ID as text */
export function toFile(entry: IDataObject): IDataObject {
	return withIdAsText(entry, 'fileId');
}

function withData(body: IDataObject): IDataObject {
	return isJsonObject(body.data) ? { ...body, ...body.data } : body;
}

function isLink(url: unknown): url is string {
	return typeof url === 'string' && url !== '';
}

/**
 * KooDrive's file types by MIME type; what matches none is 45, "other".
 *
 * Source: KooDrive API Reference, "Creating File Metadata", field `fileType`. That a backup file has the same is
 * assumed.
 */
const FILE_TYPES: ReadonlyArray<readonly [pattern: RegExp, fileType: string]> = [
	[/^image\//, '15'],
	[/^video\//, '20'],
	[/^audio\//, '30'],
	[/msword|wordprocessing|opendocument\.text/, '26'],
	[/ms-excel|spreadsheet/, '27'],
	[/ms-powerpoint|presentation/, '28'],
	[/zip|tar|gzip|7z|rar|compress/, '35'],
	[/android\.package-archive|x-msdownload|x-apple-diskimage/, '40'],
];

function toFileType(mimeType: string): string {
	return FILE_TYPES.find(([pattern]) => pattern.test(mimeType))?.[1] ?? '45';
}
