import { createHash } from 'node:crypto';

import { hexSha256 } from '../../../credentials/authentication/signature';
import type { ContentHashes } from '../../shared/api/files';
import { RequestFailedError } from '../../shared/errors/failure';
import type { Content } from './content';
import { CHUNK_SIZE, ContentReader } from './content';
import type { Transfer } from './transfer';

/** The pre-hash covers this many bytes at the beginning of a file. Source: "Creating File Metadata". */
const PRE_HASH_LENGTH = 1024;

/** The most bytes that a proof code covers. */
const PROOF_LENGTH = 8;

/** What is known of a file that was read once. */
export interface Digest {
	/** Bytes, counted. */
	length: number;
	sha256: string;
	hashes: ContentHashes;
	/** All bytes of a file that is as short as a chunk, so that it isn't read again. */
	bytes: Buffer | undefined;
}

/** A range of bytes, the end not included. */
interface ByteRange {
	start: number;
	end: number;
}

/**
 * Reads a file once and computes its length and hashes. A second, short reading is needed only where n8n doesn't know
 * the length, because that decides which bytes the proof code covers.
 *
 * @throws RequestFailedError when it can't be read
 */
export async function digestFile(transfer: Transfer, content: Content): Promise<Digest> {
	const { proofSeed } = transfer.item.client;
	const reader = new ContentReader(transfer, content);
	try {
		const expected = await reader.getLength();
		const start = new RangeReader({ start: 0, end: PRE_HASH_LENGTH });
		const proof = new RangeReader(getProofRange(proofSeed, expected ?? 0));
		const mayBeShort = expected === undefined || expected <= CHUNK_SIZE;
		const whole = new RangeReader({ start: 0, end: mayBeShort ? CHUNK_SIZE : 0 });
		const hash = createHash('sha256');
		let length = 0;
		for (let chunk; (chunk = await reader.read()) !== undefined; length += chunk.length) {
			hash.update(chunk);
			for (const range of [start, proof, whole]) range.read(chunk, length);
		}
		if (expected !== undefined && length < expected) {
			const detail = `it returned ${length} of ${expected} bytes`;
			throw new RequestFailedError({ reason: 'contentUnreadable', detail });
		}
		const hasProof = length === expected || length === 0;
		const proven = hasProof ? proof.bytes : await readProof(transfer, content, length);
		const sha256 = hash.digest('hex');
		const hashes = {
			sha256,
			preHash: hexSha256(start.bytes),
			...(length > 0 && { proofCode: hexSha256(proven) }),
		};
		const { bytes } = whole;
		return { length, sha256, hashes, bytes: bytes.length === length ? bytes : undefined };
	} finally {
		reader.close();
	}
}

async function readProof(
	transfer: Transfer,
	content: Content,
	length: number,
): Promise<Uint8Array> {
	const range = getProofRange(transfer.item.client.proofSeed, length);
	const proof = new RangeReader(range);
	const reader = new ContentReader(transfer, content, range.start);
	try {
		for (let position = range.start; position < range.end; ) {
			const chunk = await reader.read();
			if (chunk === undefined) break;
			proof.read(chunk, position);
			position += chunk.length;
		}
		return proof.bytes;
	} finally {
		reader.close();
	}
}

/**
 * Finds the bytes of a file that its proof code covers.
 *
 * @param seed the hash of the user or of the token, 64 hexadecimal digits
 * @param length of the file, in bytes
 * Source: KooDrive API Reference, "Process of Generating ProofCode". That the 8 bytes are big-endian is assumed.
 */
function getProofRange(seed: string, length: number): ByteRange {
	if (length === 0) return { start: 0, end: 0 };
	const digest = Buffer.from(hexSha256(seed), 'hex');
	const number = BigInt.asUintN(63, digest.readBigUInt64BE(digest.length - 8));
	const start = Number(number % BigInt(length));
	return { start, end: Math.min(start + PROOF_LENGTH, length) };
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

	get bytes(): Buffer {
		return Buffer.concat(this.pieces);
	}
}
