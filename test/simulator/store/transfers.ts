import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import type { Content } from './content';
import type { ArrivingPart } from './multipartUpload';
import { resetConnection } from '../service';
import type { BreakOff, StoreFault } from './faults';

/**
 * Receives the body of a request, as far as a fault lets it, into a part where one is given.
 *
 * @param arrived is told how many bytes have arrived, each time that some have
 */
export async function receiveBody(
	request: IncomingMessage,
	arrived: (bytes: number) => void,
	{ part, fault }: { part?: ArrivingPart; fault?: StoreFault } = {},
): Promise<void> {
	const limit = fault?.kind === 'breakOff' ? fault.after : Infinity;
	let position = 0;
	for await (const chunk of request.iterator({ destroyOnReturn: false })) {
		const bytes = chunk as Buffer;
		part?.write(corrupted(bytes, position, fault));
		position += bytes.length;
		arrived(bytes.length);
		if (position >= limit) return;
	}
}

/** Sends an object, as far as a fault lets it. The caller has set the status. */
export async function sendObject(
	response: ServerResponse,
	content: Content,
	fault: StoreFault | undefined,
): Promise<void> {
	const length = content.length - (fault?.kind === 'shorten' ? fault.bytes : 0);
	const chunks = chunksToSend(content, length, fault);
	if (fault?.kind === 'gzip') {
		response.setHeader('Content-Encoding', 'gzip');
		await pipeline(Readable.from(chunks), createGzip(), response);
		return;
	}
	response.setHeader('Content-Length', length);
	response.flushHeaders();
	for (const chunk of chunks) {
		if (response.destroyed) return;
		await new Promise((resolve) => response.write(chunk, resolve));
	}
	if (fault?.kind === 'breakOff') breakOff(response, fault.how);
	else response.end();
}

export function breakOff({ socket }: ServerResponse, how: BreakOff): void {
	if (how === 'reset') resetConnection(socket);
	if (how === 'close') socket?.end();
}

function* chunksToSend(
	content: Content,
	length: number,
	fault: StoreFault | undefined,
): Generator<Buffer> {
	const end = fault?.kind === 'breakOff' ? Math.min(fault.after, length) : length;
	let position = 0;
	for (const chunk of content.chunks()) {
		const bytes = chunk.subarray(0, end - position);
		if (bytes.length > 0) yield corrupted(bytes, position, fault);
		position += bytes.length;
	}
}

/** @param position of the chunk's first byte */
function corrupted(chunk: Buffer, position: number, fault: StoreFault | undefined): Buffer {
	if (fault?.kind !== 'corrupt') return chunk;
	const index = fault.position - position;
	if (index < 0 || index >= chunk.length) return chunk;
	const copy = Buffer.from(chunk);
	copy[index] = ~copy[index]! & 0xff;
	return copy;
}
