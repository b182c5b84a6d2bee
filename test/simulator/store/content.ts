import { createHash } from 'node:crypto';

/** A run of bytes that the object store keeps. */
export interface Piece {
	/** Bytes. */
	readonly size: number;
	/** Whether all bytes were kept. */
	readonly isKept: boolean;
	/** @returns `undefined` if these bytes weren't kept */
	read(start: number, end: number): Buffer | undefined;
	discard(): void;
}

/** Takes in the bytes of a piece. */
export interface PieceWriter {
	write(chunk: Buffer): void;
	finish(): Piece;
	discard(): void;
}

/** Bytes that are read at a time. */
const CHUNK = 1024 * 1024;

/** The bytes of an object, in the pieces in which they were uploaded. */
export class Content {
	/** Bytes. */
	readonly length: number;

	/** @param sha256 of all bytes, in hex */
	constructor(
		private readonly pieces: Piece[],
		readonly sha256: string,
	) {
		this.length = pieces.reduce((length, { size }) => length + size, 0);
	}

	/** Whether all bytes were kept. */
	get isKept(): boolean {
		return this.pieces.every(({ isKept }) => isKept);
	}

	/** @returns `undefined` if some of these bytes weren't kept */
	read(start = 0, end = this.length): Buffer | undefined {
		const found: Buffer[] = [];
		let offset = 0;
		for (const piece of this.pieces) {
			const from = Math.max(start - offset, 0);
			const to = Math.min(end - offset, piece.size);
			if (from < to) {
				const bytes = piece.read(from, to);
				if (bytes === undefined) return undefined;
				found.push(bytes);
			}
			offset += piece.size;
		}
		return Buffer.concat(found);
	}

	/** Reads all bytes, at most 1 MiB at a time. */
	*chunks(): Generator<Buffer> {
		for (const piece of this.pieces) yield* chunksOf(piece);
	}

	discard(): void {
		for (const piece of this.pieces) piece.discard();
	}
}

/** @throws Error if the bytes weren't kept */
export function* chunksOf(piece: Piece): Generator<Buffer> {
	for (let start = 0; start < piece.size; start += CHUNK) {
		const chunk = piece.read(start, Math.min(start + CHUNK, piece.size));
		if (chunk === undefined) throw new Error('These bytes were not kept.');
		yield chunk;
	}
}

/** A content that is held in memory. */
export function contentOf(bytes: Buffer): Content {
	return new Content([memoryPiece(bytes)], createHash('sha256').update(bytes).digest('hex'));
}

export function memoryPiece(bytes: Buffer): Piece {
	return {
		size: bytes.length,
		isKept: true,
		read: (start, end) => bytes.subarray(start, end),
		discard: () => undefined,
	};
}
