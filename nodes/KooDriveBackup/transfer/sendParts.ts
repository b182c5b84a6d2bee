import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';

import type { Part } from '../../shared/api/files';
import { getUploadLinks, MAX_PARTS, readUploadLinks } from '../../shared/api/files';
import { RequestFailedError, settle } from '../../shared/errors/failure';
import { toStream } from '../../shared/http/streams';
import type { Attempt, Watch } from './attempts';
import { Attempts } from './attempts';
import type { ReadableContent } from './content';
import { ContentReader } from './content';
import type { ReceivedLinks } from './links';
import { Links } from './links';
import { requestLink, requireNoError, requireSecureLink, toStoreError } from './objectStore';
import type { Transfer } from './transfer';

const CHANGED = { reason: 'contentChanged' } as const;

const MIB = 1024 * 1024;

/**
 * How files are cut. A part costs three round trips and a slow start, a failure sends one again. Tests have smaller ones.
 */
export const PARTS = {
	/** Bytes of every part but the last, if there aren't too many of them. */
	size: 128 * MIB,
};

/**
 * Milliseconds in which a chunk must be taken. Where 16 transfers share 1 Mbit/s, up to 184 s were measured: Linux says
 * that there is room again only when a third of a socket's buffer, which may grow to 4 MiB, has been sent.
 */
const SEND_TIMEOUT = 300_000;

/** Milliseconds for the response, beside the time that bytes take which are on their way. */
const RESPONSE_TIMEOUT = 120_000;

/** The sockets of one transfer hold up to so many bytes, which count as taken. */
const SOCKET_BUFFERS = 4 * MIB;

/** Bytes a millisecond of a line of 1 Mbit/s, which all transfers share. */
const SLOW_LINE = 125;

/** What is sent, and where. */
interface PartsToSend {
	fileId: string;
	parts: readonly Part[];
	/** Of the whole file, when it was read before. */
	sha256: string;
	/** The links that came when the file was created. */
	received: ReceivedLinks<number>;
}

/** @returns the parts of a file; an empty one has one empty part (assumed: the last part may be empty) */
export function planParts(length: number): Part[] {
	const size = Math.max(PARTS.size, Math.ceil(length / MAX_PARTS / MIB) * MIB);
	return Array.from({ length: Math.max(1, Math.ceil(length / size)) }, (_, index) => ({
		partNumber: index + 1,
		partSize: Math.min(size, length - index * size),
	}));
}

/**
 * Sends the parts of a file to the object store. That they must go one after another is assumed: side by side, they
 * need a hash state, which Node's crypto can't export.
 *
 * @throws RequestFailedError when one can't be sent, or the file has changed since it was read
 */
export async function sendParts(
	transfer: Transfer,
	content: ReadableContent,
	{ fileId, parts, sha256, received }: PartsToSend,
): Promise<void> {
	const askForLinks = async (numbers: number[]): Promise<ReceivedLinks<number>> => {
		const wanted = numbers.map((number) => parts[number - 1]!);
		const { body, date } = await transfer.request(getUploadLinks(fileId, wanted));
		return { links: readUploadLinks(body), date };
	};
	const partNumbers = parts.map(({ partNumber }) => partNumber);
	const links = new Links(partNumbers, askForLinks, transfer.clock);
	links.add(received);
	const sender = new PartSender(transfer, content, links);
	try {
		for (const part of parts) await sender.send(part);
		await sender.requireEnd(sha256);
	} finally {
		sender.close();
	}
}

/** Sends parts in order. A part that is sent again is read again. */
class PartSender {
	private reader: ContentReader;

	/** Of the parts that have arrived, as the offset is. */
	private hash = createHash('sha256');
	private offset = 0;

	constructor(
		private readonly transfer: Transfer,
		private readonly content: ReadableContent,
		private readonly links: Links<number>,
	) {
		this.reader = new ContentReader(transfer, content);
	}

	async send({ partNumber, partSize }: Part): Promise<void> {
		const { transfer, links } = this;
		const attempts = new Attempts(transfer);
		for (;;) {
			// Skipping to the part may take long, and the store would wait for it.
			await this.reader.prefetch();
			const link = await links.get(partNumber, transfer, attempts.needsNewLink);
			const url = requireSecureLink(link, transfer);
			const attempt = await attempts.begin();
			const onSent = (sent: number) => void (transfer.moved = this.offset + sent);
			const body = new PartBody(this.reader, partSize, this.hash.copy(), attempt, onSent);
			try {
				await put(transfer, url, body, attempt.watch);
				attempt.markSuccess();
				attempt.end();
				this.hash = body.hash;
				this.offset += partSize;
				return links.drop(partNumber);
			} catch (error) {
				this.reader.close();
				await attempts.endFailed(attempt, body.failure ?? toStoreError(error, url, transfer));
				this.reader = new ContentReader(transfer, this.content, this.offset);
			}
		}
	}

	/** @throws RequestFailedError when there is more of the file, or it was another file when its hash was computed */
	async requireEnd(sha256: string): Promise<void> {
		const isAtEnd = (await this.reader.read()) === undefined;
		if (!isAtEnd || this.hash.digest('hex') !== sha256) throw new RequestFailedError(CHANGED);
	}

	close(): void {
		this.reader.close();
	}
}

/** The bytes of a part, as they're sent. */
class PartBody {
	/** Why they couldn't be read. */
	failure: RequestFailedError | undefined;

	private sent = 0;

	constructor(
		private readonly reader: ContentReader,
		readonly size: number,
		readonly hash: Hash,
		private readonly attempt: Attempt,
		private readonly onSent: (sent: number) => void,
	) {}

	get isComplete(): boolean {
		return this.sent === this.size;
	}

	/** Milliseconds that the response may take, of which those to 16 large parts need 8 minutes. */
	private get responseTimeout(): number {
		const { outage } = this.attempt;
		const bytesOnTheWay = outage.inFlight * Math.min(this.size, SOCKET_BUFFERS);
		return Math.min(RESPONSE_TIMEOUT + bytesOnTheWay / SLOW_LINE, outage.getLongestWait());
	}

	async *read(): AsyncGenerator<Uint8Array, void> {
		const { attempt, hash } = this;
		while (!this.isComplete) {
			// Meanwhile, the store has nothing to do.
			attempt.watch.expectWithin(Infinity);
			const chunk = await this.readNext();
			hash.update(chunk);
			this.sent += chunk.length;
			this.onSent(this.sent);
			attempt.watch.expectWithin(SEND_TIMEOUT);
			attempt.markMoved();
			yield chunk;
		}
		// The last chunk was taken.
		attempt.markMoved();
		attempt.watch.expectWithin(this.responseTimeout);
	}

	private async readNext(): Promise<Uint8Array> {
		const chunk = await settle(this.reader.readUpTo(this.size - this.sent));
		if (chunk instanceof Uint8Array) return chunk;
		this.failure = chunk ?? new RequestFailedError(CHANGED);
		throw this.failure;
	}
}

/** n8n's helper leaves out an empty body. Any other without a type gets that of a form. */
async function put(transfer: Transfer, url: string, part: PartBody, watch: Watch): Promise<void> {
	const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': part.size };
	const body = toStream(part.read());
	const options = { method: 'PUT' as const, url, headers, ...(part.size > 0 && { body }) };
	try {
		const response = await requestLink(transfer, options, watch, RESPONSE_TIMEOUT);
		await requireNoError(transfer, response, watch);
		if (part.isComplete) return;
		const detail = 'it responded before it had all bytes';
		throw new RequestFailedError({ reason: 'storeUnavailable', detail });
	} finally {
		body.destroy();
	}
}
