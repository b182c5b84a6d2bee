import { gzipSync } from 'node:zlib';

import type { Fault } from './faults';

/** Bytes that are read as they are sent. */
export interface Body {
	length: number;
	chunks: () => Iterable<Buffer>;
}

/** Bytes that pass a limited line at a time. */
export const SMALL_CHUNK = 64 * 1024;

/** @param size the most bytes of a chunk */
export function toBody(
	body: string | Body,
	{ resize = 0, corrupt, gzip }: Fault,
	size: number,
): Body {
	if (typeof body === 'string') {
		const bytes = Buffer.from(body);
		return { length: bytes.length, chunks: () => [bytes] };
	}
	const length = body.length + resize;
	const stored = body.chunks;
	function* chunks(): Generator<Buffer> {
		let position = 0;
		for (const chunk of chain(stored(), zeros(resize))) {
			const kept = chunk.subarray(0, length - position);
			for (let start = 0; start < kept.length; start += size) {
				yield invert(kept.subarray(start, start + size), position + start, corrupt);
			}
			position += kept.length;
		}
	}
	if (gzip === undefined) return { length, chunks };
	const compressed = gzipSync(Buffer.concat([...chunks()]));
	return { length: compressed.length, chunks: () => [compressed] };
}

function* chain(...all: Array<Iterable<Buffer>>): Generator<Buffer> {
	for (const chunks of all) yield* chunks;
}

function* zeros(bytes: number): Generator<Buffer> {
	const chunk = Buffer.alloc(SMALL_CHUNK);
	for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}

export function* cutChunks(chunks: Iterable<Buffer>, length = Infinity): Generator<Buffer> {
	let left = length;
	for (const chunk of chunks) {
		if (left > 0) yield chunk.subarray(0, left);
		left -= chunk.length;
		if (left <= 0) return;
	}
}

/** @param position of the chunk's first byte; @param inverted the position of the byte to invert */
export function invert(chunk: Buffer, position: number, inverted = -1): Buffer {
	const index = inverted - position;
	if (index < 0 || index >= chunk.length) return chunk;
	const copy = Buffer.from(chunk);
	copy[index] = ~copy[index]! & 0xff;
	return copy;
}
