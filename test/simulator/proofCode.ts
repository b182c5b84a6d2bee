import { createHash } from 'node:crypto';

const LONGEST_PROOF = 8;
/** Clears the sign bit of a 64-bit integer. */
const WITHOUT_SIGN = 0x7fff_ffff_ffff_ffffn;

/**
 * Works out which bytes of a file its proof code is made from ("Process of Generating ProofCode"). That the page's
 * integer is big-endian is assumed.
 *
 * @param origin the value of X-User-Id for app authentication, of Authorization for an access token
 * @param length bytes of the file, more than 0
 * @returns the first byte's position, and the position after the last
 */
export function proofRange(origin: string, length: number): [start: number, end: number] {
	const seed = sha256(origin).toString('hex');
	const number = sha256(seed).readBigUInt64BE(32 - 8) & WITHOUT_SIGN;
	const start = Number(number % BigInt(length));
	return [start, Math.min(start + LONGEST_PROOF, length)];
}

/** @param bytes the file's bytes in {@link proofRange} */
export function proofCode(bytes: Buffer): string {
	return sha256(bytes).toString('hex');
}

function sha256(data: string | Buffer): Buffer {
	return createHash('sha256').update(data).digest();
}
