import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A run of bytes that the object store keeps. */
export interface Piece {
	/** Bytes. */
	readonly size: number;
	read(start: number, end: number): Buffer;
	discard(): void;
}

/** Takes in the bytes of a piece. */
export interface PieceWriter {
	write(chunk: Buffer): void;
	finish(): Piece;
	discard(): void;
}

/** Where the object store keeps bytes: on disk in a temporary folder. */
export type Keeping = 'memory' | 'disk';

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

	read(start = 0, end = this.length): Buffer {
		return Buffer.concat([...this.chunks(start, end)]);
	}

	/** Reads these bytes, at most 1 MiB at a time. */
	*chunks(start = 0, end = this.length): Generator<Buffer> {
		let offset = 0;
		for (const piece of this.pieces) {
			yield* chunksOf(piece, start - offset, end - offset);
			offset += piece.size;
		}
	}

	discard(): void {
		for (const piece of this.pieces) piece.discard();
	}
}

export function* chunksOf(piece: Piece, start = 0, end = piece.size): Generator<Buffer> {
	const last = Math.min(end, piece.size);
	for (let from = Math.max(start, 0); from < last; from += CHUNK) {
		yield piece.read(from, Math.min(from + CHUNK, last));
	}
}

/** A content that is held in memory. */
export function contentOf(bytes: Buffer): Content {
	return new Content([memoryPiece(bytes)], createHash('sha256').update(bytes).digest('hex'));
}

function memoryPiece(bytes: Buffer): Piece {
	return {
		size: bytes.length,
		read: (start, end) => bytes.subarray(start, end),
		discard: () => undefined,
	};
}

/** Makes the writers of pieces, and removes what they left on disk. */
export class PieceStorage {
	private folder: string | undefined;

	private made = 0;

	writer(keeping: Keeping): PieceWriter {
		if (keeping === 'memory') return new MemoryWriter();
		this.folder ??= mkdtempSync(join(tmpdir(), 'objects-'));
		return new DiskWriter(join(this.folder, String(this.made++)));
	}

	/** Removes everything that was kept on disk. */
	remove(): void {
		if (this.folder !== undefined) rmSync(this.folder, { recursive: true });
		this.folder = undefined;
	}
}

class MemoryWriter implements PieceWriter {
	private readonly chunks: Buffer[] = [];

	write(chunk: Buffer): void {
		this.chunks.push(chunk);
	}

	finish(): Piece {
		return memoryPiece(Buffer.concat(this.chunks));
	}

	discard(): void {
		this.chunks.length = 0;
	}
}

class DiskWriter implements PieceWriter {
	private size = 0;

	private readonly file: number;

	constructor(private readonly path: string) {
		this.file = openSync(path, 'w');
	}

	write(chunk: Buffer): void {
		for (let written = 0; written < chunk.length; ) {
			written += writeSync(this.file, chunk, written);
		}
		this.size += chunk.length;
	}

	finish(): Piece {
		closeSync(this.file);
		const { path, size } = this;
		return {
			size,
			read: (start, end) => readRange(path, start, end),
			discard: () => rmSync(path, { force: true }),
		};
	}

	discard(): void {
		closeSync(this.file);
		rmSync(this.path, { force: true });
	}
}

function readRange(path: string, start: number, end: number): Buffer {
	const file = openSync(path, 'r');
	try {
		const bytes = Buffer.allocUnsafe(end - start);
		for (let read = 0; read < bytes.length; ) {
			read += readSync(file, bytes, read, bytes.length - read, start + read);
		}
		return bytes;
	} finally {
		closeSync(file);
	}
}
