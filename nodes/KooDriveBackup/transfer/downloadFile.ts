import { createHash } from 'node:crypto';

import type { IBinaryData } from 'n8n-workflow';

import type { StoredFile } from '../../shared/api/files';
import { RequestFailedError } from '../../shared/errors/requestFailedError';
import type { TimeLimit } from '../../shared/http/timeout';
import { limitArrival } from './arrival';
import { openBinary, throwUnreadable, throwNotStored } from './content';
import type { DownloadLinks } from './downloadLinks';
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
	const request = transfer.request.bind(transfer);
	for (let download = 1; ; download++) {
		const binary = await transfer.exchange(
			async (isExpired) =>
				isExpired ? await links.renew(file.fileId, request) : await links.get(file.fileId, request),
			// A compressed body would have another checksum.
			{ method: 'GET', headers: { 'Accept-Encoding': 'identity' } },
			async (response, limit) => await store(transfer, response, fileName, limit),
		);
		const arrivedIntact = await isIntact(transfer, binary, file).catch(throwUnreadable);
		transfer.shared.markProgress();
		if (arrivedIntact) return binary;
		if (download === MAX_DOWNLOADS) throw new RequestFailedError({ reason: 'checksumMismatch' });
	}
}

async function store(
	{ context, shared }: Transfer,
	{ body }: StoreResponse,
	fileName: string,
	limit: TimeLimit,
): Promise<IBinaryData> {
	const { prepareBinaryData } = context.helpers;
	if (typeof body !== 'object') return await prepareBinaryData(Buffer.alloc(0), fileName);
	limitArrival(body, limit, () => shared.markActivity());
	type Bytes = Parameters<typeof prepareBinaryData>[0];
	return await prepareBinaryData(body as unknown as Bytes, fileName).catch((error: unknown) => {
		// If it's the bytes that stopped arriving, another attempt is worthwhile.
		if (body.errored === null) throwNotStored(error);
		throw error;
	});
}

async function isIntact(
	transfer: Transfer,
	binary: IBinaryData,
	{ size, sha256 }: StoredFile,
): Promise<boolean> {
	const hash = createHash('sha256');
	let length = 0;
	const bytes = await openBinary(transfer.context, binary, size);
	for await (const chunk of transfer.whileActive(bytes)) {
		hash.update(chunk);
		length += chunk.length;
	}
	const hasLength = size === undefined || length === size;
	return hasLength && (sha256 === undefined || hash.digest('hex') === sha256);
}
