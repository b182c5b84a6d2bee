/** The most that is read of an answer, in bytes, after it was unpacked. */
export const LONGEST_BODY = 1024 * 1024;

/** A body as n8n's HTTP helper hands it over: a stream, or what it made of an empty one. */
export type AnswerBody = (AsyncIterable<Uint8Array> & { destroy(): void }) | string | undefined;

/** What was read of a body. */
export interface BodyText {
	text: string;
	/** Whether there was more of it than is read. */
	isTooLong: boolean;
}

/**
 * Reads a body up to {@link LONGEST_BODY}, and closes the connection where there is more.
 *
 * @param body the body
 * @returns what was read, as UTF-8
 * @throws whatever the connection or the unpacking ends with
 */
export async function readBody(body: AnswerBody): Promise<BodyText> {
	if (typeof body !== 'object') return { text: body ?? '', isTooLong: false };
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of body) {
		length += chunk.length;
		// Leaving the loop destroys the stream, and with it the connection.
		if (length > LONGEST_BODY) return { text: '', isTooLong: true };
		chunks.push(chunk);
	}
	return { text: new TextDecoder().decode(Buffer.concat(chunks)), isTooLong: false };
}
