import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PieceWriter } from './content';
import { memoryPiece } from './content';

/**
 * How the object store keeps bytes: all of them in memory, all of them in a temporary folder, or only sizes,
 * digests and the first 1 KiB of each piece.
 */
export type Keeping = 'memory' | 'disk' | 'digests';

/** The first bytes that are kept of a piece in mode `digests`. */
const HEAD = 1024;

/** Makes the writers of pieces, and removes what they left on disk. */
export class PieceStorage {
	private folder: string | undefined;

	private made = 0;

	writer(keeping: Keeping): PieceWriter {
		switch (keeping) {
			case 'memory':
				return new MemoryWriter();
			case 'digests':
				return new HeadWriter();
			case 'disk':
				this.folder ??= mkdtempSync(join(tmpdir(), 'objects-'));
				return new DiskWriter(join(this.folder, String(this.made++)));
		}
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

	finish() {
		return memoryPiece(Buffer.concat(this.chunks));
	}

	discard(): void {
		this.chunks.length = 0;
	}
}

class HeadWriter implements PieceWriter {
	private size = 0;

	private head = Buffer.alloc(0);

	write(chunk: Buffer): void {
		this.size += chunk.length;
		const missing = HEAD - this.head.length;
		if (missing > 0) this.head = Buffer.concat([this.head, chunk.subarray(0, missing)]);
	}

	finish() {
		const { size, head } = this;
		return {
			size,
			isKept: size <= HEAD,
			read: (start: number, end: number) =>
				end <= head.length ? head.subarray(start, end) : undefined,
			discard: () => undefined,
		};
	}

	discard(): void {}
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

	finish() {
		closeSync(this.file);
		const { path, size } = this;
		return {
			size,
			isKept: true,
			read: (start: number, end: number) => readRange(path, start, end),
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
