import type { ByteStream } from './streams';

/** The most that is read of a response, in bytes, after decompression. */
export const MAX_BODY_SIZE = 1024 * 1024;

/** A body as n8n's HTTP helper returns it: a stream, or what it made of an empty one. */
export type ResponseBody = ByteStream | string | undefined;

/** Not every helper of n8n's obeys a signal, and a connection that isn't read stays open. */
export function closeConnection({ body }: { body: ResponseBody }): void {
	if (typeof body === 'object') body.destroy();
}

export interface BodyText {
	text: string;
	/** Whether there was more of it than is read. */
	isTooLong: boolean;
}

/**
 * Reads a body up to {@link MAX_BODY_SIZE}, and closes the connection where there is more.
 *
 * @returns what was read, as UTF-8
 * @throws whatever the connection or the decompression ends with
 */
export async function readBody(body: ResponseBody): Promise<BodyText> {
	if (typeof body !== 'object') return { text: body ?? '', isTooLong: false };
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of body) {
		length += chunk.length;
		// Leaving the loop destroys the stream, and with it the connection.
		if (length > MAX_BODY_SIZE) return { text: '', isTooLong: true };
		chunks.push(chunk);
	}
	return { text: new TextDecoder().decode(Buffer.concat(chunks)), isTooLong: false };
}
