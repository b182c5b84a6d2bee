import { createHash } from 'node:crypto';

import { hexSha256 } from '../../../credentials/authentication/signature';
import type { Content } from './content';
import { PART_SIZE } from './parts';
import type { ByteRange } from './proofCode';
import { getProofRange, toProofCode } from './proofCode';

/** The pre-hash covers this many bytes at the beginning of a file. */
const PRE_HASH_LENGTH = 1024;

/** What KooDrive needs to know about a file before it's uploaded. Hashes are hexadecimal SHA-256. */
export interface Digest {
	/** Bytes, counted. */
	length: number;
	sha256: string;
	preHash: string;
	/** Missing for an empty file, which needs none. */
	proofCode?: string;
}

/** The result of reading a file once. */
export interface DigestedFile {
	digest: Digest;
	/** All bytes of a file that fits into one part, so that it isn't read again. */
	bytes?: Buffer;
}

/**
 * Reads a file once and computes its length and hashes. A second, short reading is needed only where n8n was wrong
 * about the length, because the length decides which bytes the proof code covers.
 *
 * @param proofSeed of the client that uploads the file
 * @throws whatever n8n's storage throws
 */
export async function digestFile(content: Content, proofSeed: string): Promise<DigestedFile> {
	const expected = (await content.expectedLength()) ?? 0;
	const range = expected > 0 ? getProofRange(proofSeed, expected) : { start: 0, end: 0 };
	const proof = new RangeReader(range);
	const start = new RangeReader({ start: 0, end: PRE_HASH_LENGTH });
	const hash = createHash('sha256');
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of await content.open()) {
		hash.update(chunk);
		start.read(chunk, length);
		proof.read(chunk, length);
		length += chunk.length;
		if (length <= PART_SIZE) chunks.push(chunk);
		else chunks.length = 0;
	}
	const digest = { length, sha256: hash.digest('hex'), preHash: hexSha256(start.bytes) };
	const bytes = length <= PART_SIZE ? joinChunks(chunks) : undefined;
	if (length === 0) return { digest, bytes };
	const proven =
		length === expected ? proof.bytes : await readRange(content, getProofRange(proofSeed, length));
	return { digest: { ...digest, proofCode: toProofCode(proven) }, bytes };
}

/** Doesn't copy a single chunk. */
function joinChunks(chunks: Uint8Array[]): Buffer {
	const [only] = chunks;
	return chunks.length === 1 && only instanceof Buffer ? only : Buffer.concat(chunks);
}

async function readRange(content: Content, range: ByteRange): Promise<Uint8Array> {
	const reader = new RangeReader(range);
	let position = 0;
	for await (const chunk of await content.open()) {
		reader.read(chunk, position);
		position += chunk.length;
		if (position >= range.end) break;
	}
	return reader.bytes;
}

/** Collects the bytes of a range from the chunks of a file. */
class RangeReader {
	private readonly pieces: Uint8Array[] = [];

	constructor(private readonly range: ByteRange) {}

	/** @param position where the chunk begins in the file */
	read(chunk: Uint8Array, position: number): void {
		const start = Math.max(this.range.start, position);
		const end = Math.min(this.range.end, position + chunk.length);
		// A copy, so that the chunk itself can be freed.
		if (start < end)
			this.pieces.push(Uint8Array.from(chunk.subarray(start - position, end - position)));
	}

	get bytes(): Uint8Array {
		return Buffer.concat(this.pieces);
	}
}
