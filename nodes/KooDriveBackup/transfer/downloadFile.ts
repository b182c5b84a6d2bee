import { createHash } from 'node:crypto';

import type { IBinaryData } from 'n8n-workflow';

import { RequestFailedError } from '../../shared/http/result';
import { openBinary } from './content';
import type { DownloadLinks } from './downloadLinks';
import type { StoredFile } from './listFiles';
import type { StoreResponse } from './objectStore';
import type { Transfer } from './transfer';

/** A file that arrives with another checksum is downloaded once more. */
const MAX_DOWNLOADS = 2;

/**
 * Downloads a file into n8n's binary storage, reads back what was stored, and compares its SHA-256 with the one that
 * KooDrive lists.
 *
 * @param fileName under which n8n stores it
 * @throws RequestFailedError when it can't be downloaded, or its checksum differs
 * Source: KooDrive API Reference, "Obtaining Download Links".
 */
export async function downloadFile(
	transfer: Transfer,
	links: DownloadLinks,
	file: StoredFile,
	fileName: string,
): Promise<IBinaryData> {
	for (let download = 1; ; download++) {
		const binary = await transfer.exchange(
			async (isExpired) =>
				isExpired ? await links.renew(file.fileId) : await links.get(file.fileId),
			// A compressed body would have another checksum.
			{ method: 'GET', headers: { 'Accept-Encoding': 'identity' } },
			file.size ?? 0,
			async (response) => await store(transfer, response, fileName),
		);
		const arrivedIntact = await isIntact(transfer, binary, file);
		transfer.shared.markProgress();
		if (arrivedIntact) return binary;
		if (download === MAX_DOWNLOADS) throw new RequestFailedError({ reason: 'checksumMismatch' });
	}
}

async function store(
	{ context }: Transfer,
	{ body }: StoreResponse,
	fileName: string,
): Promise<IBinaryData> {
	const { prepareBinaryData } = context.helpers;
	type Bytes = Parameters<typeof prepareBinaryData>[0];
	const bytes = typeof body === 'object' ? (body as unknown as Bytes) : Buffer.alloc(0);
	return await prepareBinaryData(bytes, fileName);
}

async function isIntact(
	{ context }: Transfer,
	binary: IBinaryData,
	{ size, sha256 }: StoredFile,
): Promise<boolean> {
	const hash = createHash('sha256');
	let length = 0;
	for await (const chunk of await openBinary(context, binary)) {
		hash.update(chunk);
		length += chunk.length;
	}
	const hasLength = size === undefined || length === size;
	return hasLength && (sha256 === undefined || hash.digest('hex') === sha256);
}
