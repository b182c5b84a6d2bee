import clamp from 'lodash/clamp';
import once from 'lodash/once';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { getMessage } from '../../shared/errors/getMessage';
import { RequestFailedError } from '../../shared/errors/requestFailedError';

/** The bytes of one binary field, and what n8n says about them. */
export interface Content {
	/** As n8n names it. */
	fileName: string;
	/** Where the file came from, without its name; empty where that isn't known. */
	directory: string;
	mimeType: string;
	/** Opens the bytes from the first one, in chunks of any size. */
	open: () => Promise<AsyncIterable<Uint8Array>>;
	/** How many bytes there should be, where n8n says so; they're counted anyway. */
	expectedLength: () => Promise<number | undefined>;
}

/**
 * n8n reads its storage in chunks of at most this many bytes, where it can choose. It takes that much memory for each
 * chunk, however short a file is, so short files are read in smaller ones.
 */
const CHUNK_SIZE = 256 * 1024;
const SMALLEST_CHUNK_SIZE = 16 * 1024;

/**
 * Finds the binary data of an item.
 *
 * @param field the name of the binary field
 * @throws NodeOperationError when the item has no such field
 */
export function findContent(context: IExecuteFunctions, itemIndex: number, field: string): Content {
	const { helpers } = context;
	const data = helpers.assertBinaryData(itemIndex, field);
	const { id, directory = '', mimeType, fileExtension } = data;
	const unnamed = fileExtension ? `file.${fileExtension}` : 'file';
	const expectedLength = once(async () => {
		if (id === undefined) return Buffer.byteLength(data.data, 'base64');
		return getLength(data) ?? (await helpers.getBinaryMetadata(id)).fileSize;
	});
	return {
		fileName: data.fileName || unnamed,
		directory,
		mimeType,
		open: async () => await openBinary(context, data, await expectedLength()),
		expectedLength,
	};
}

/** @throws RequestFailedError instead of what n8n's storage has thrown */
export function throwUnreadable(error: unknown): never {
	// The transfer was stopped while it read.
	if (error instanceof RequestFailedError) throw error;
	throw new RequestFailedError({ reason: 'contentUnreadable', detail: getMessage(error) });
}

/** @throws RequestFailedError instead of what n8n's storage has thrown */
export function throwNotStored(error: unknown): never {
	throw new RequestFailedError({ reason: 'contentNotStored', detail: getMessage(error) });
}

/** Opens binary data from n8n's storage, or from memory. */
export async function openBinary(
	{ helpers }: IExecuteFunctions,
	{ id, data }: IBinaryData,
	expectedLength = CHUNK_SIZE,
): Promise<AsyncIterable<Uint8Array>> {
	if (id === undefined) return toChunks(Buffer.from(data, 'base64'));
	const chunkSize = clamp(expectedLength, SMALLEST_CHUNK_SIZE, CHUNK_SIZE);
	return await helpers.getBinaryStream(id, chunkSize);
}

/** What the item says, unless another node wrote something else there. Older versions of n8n don't say it. */
function getLength({ bytes }: IBinaryData): number | undefined {
	return Number.isSafeInteger(bytes) ? bytes : undefined;
}

async function* toChunks(bytes: Buffer): AsyncIterable<Uint8Array> {
	for (let start = 0; start < bytes.length; start += CHUNK_SIZE) {
		yield await Promise.resolve(bytes.subarray(start, start + CHUNK_SIZE));
	}
}
