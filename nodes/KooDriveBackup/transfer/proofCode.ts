import { hexSha256 } from '../../../credentials/authentication/signature';

/** The most bytes that a proof code covers. */
const PROOF_LENGTH = 8;

/** A range of bytes, the end not included. */
export interface ByteRange {
	start: number;
	end: number;
}

/**
 * Finds the bytes of a file that its proof code covers.
 *
 * @param seed the hash of the user or of the token, 64 hexadecimal digits
 * @param length of the file, in bytes, at least 1
 * Source: KooDrive API Reference, "Process of Generating ProofCode". That the 8 bytes are big-endian is assumed.
 */
export function getProofRange(seed: string, length: number): ByteRange {
	const digest = Buffer.from(hexSha256(seed), 'hex');
	const number = BigInt.asUintN(63, digest.readBigUInt64BE(digest.length - 8));
	const start = Number(number % BigInt(length));
	return { start, end: Math.min(start + PROOF_LENGTH, length) };
}

/** @returns the proof code of the bytes in the proof range. Source: "Process of Generating ProofCode". */
export function toProofCode(bytes: Uint8Array): string {
	return hexSha256(bytes);
}
