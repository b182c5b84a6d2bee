import type { IDataObject } from 'n8n-workflow';

import { readPages } from '../../shared/http/pages';
import type { KooDriveRequest } from '../../shared/http/request';
import { toRecordPath, withIdAsText } from '../resources/record/record';
import type { Transfer } from './transfer';

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

/**
 * Lists all files of a record.
 *
 * @throws RequestFailedError when a page can't be read
 */
export async function listFiles(transfer: Transfer, recordId: string): Promise<StoredFile[]> {
	const files = await readPages(
		toListFilesRequest(recordId),
		Infinity,
		async (page) => await transfer.tryRequest(page),
	);
	return files.map(toStoredFile);
}

/** @returns the request for the files of a record, without the page's parameters. Source: "Listing Backup Files". */
export function toListFilesRequest(recordId: string): KooDriveRequest {
	return { method: 'GET', path: `${toRecordPath(recordId)}/files`, idempotent: true };
}

/** @returns a BackupFile, checked. Source: KooDrive API Reference, "Listing Backup Files". */
export function toStoredFile(entry: IDataObject): StoredFile {
	const { fileId, fileName, size, sha256, description } = withIdAsText(entry, 'fileId');
	const length = Number(size ?? NaN);
	return {
		fileId: String(fileId),
		fileName: typeof fileName === 'string' ? fileName : '',
		size: Number.isSafeInteger(length) ? length : undefined,
		sha256: typeof sha256 === 'string' && sha256 !== '' ? sha256.toLowerCase() : undefined,
		description: typeof description === 'string' ? description : '',
	};
}
