import { createHash } from 'node:crypto';

import type { IBinaryData } from 'n8n-workflow';

import type { FileLink, StoredFile } from '../../shared/api/files';
import { getDownloadLinks, readDownloadLinks } from '../../shared/api/files';
import { quoteResponse } from '../../shared/errors/redact';
import { RequestFailedError, settle } from '../../shared/errors/failure';
import type { HttpResponse } from '../../shared/http/response';
import type { Attempt } from './attempts';
import { Attempts } from './attempts';
import { getBinaryMode, HOLDS_WHOLE_FILES, storeContent } from './content';
import type { AskForLinks } from './links';
import { Links } from './links';
import {
	INTERRUPTED,
	readChunks,
	RECEIVE_TIMEOUT,
	requestLink,
	requireSecureLink,
	toStoreError,
} from './objectStore';
import type { Transfer } from './transfer';

/** A file that doesn't arrive as it's listed, or can't be resumed, is downloaded once more from its beginning. */
const MAX_DOWNLOADS = 2;

/**
 * Bytes of the longest file that n8n can store by its binary data mode: in memory, as a text in base64, which Node.js
 * limits; in its database, whatever N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE says.
 */
const LONGEST_STORED: Record<string, number> = {
	memory: Math.floor(0x1fffffe8 / 4) * 3,
	database: 1024 ** 3,
};

/** The reasons why a file is downloaded from its beginning. */
const BEGIN_ANEW = ['checksumMismatch', 'rangeRejected'];

/**
 * Downloads a file. Its length and SHA-256 are computed while it arrives.
 *
 * @param keep takes the bytes; if it's called again, it must forget those that it got before
 * @returns what `keep` returns
 * @throws RequestFailedError when it can't be downloaded, or isn't the file that is listed; then `keep` gets the same error
 * after the last chunk, instead of the end
 * Source: KooDrive API Reference, "Obtaining Download Links".
 */
export async function downloadFile<Kept>(
	transfer: Transfer,
	links: Links<string>,
	file: StoredFile,
	keep: (chunks: AsyncGenerator<Uint8Array, void>) => Promise<Kept>,
): Promise<Kept> {
	for (let download = 1; ; download++) {
		const receiver = new Receiver(transfer, links, file);
		const kept = await settle(keep(receiver.receive()));
		if (!(kept instanceof RequestFailedError)) {
			links.drop(file.fileId);
			return kept;
		}
		// What keeps the bytes may have made another error of the receiver's.
		const { failure: error = kept } = receiver;
		const isWorthAnother = BEGIN_ANEW.includes(error.failure.reason);
		if (download === MAX_DOWNLOADS || !isWorthAnother) throw error;
	}
}

/**
 * Downloads a file into n8n's storage.
 *
 * @param fileName under which n8n stores it
 * @throws RequestFailedError as {@link downloadFile}, or when n8n can't store the file
 */
export async function downloadToStorage(
	transfer: Transfer,
	links: Links<string>,
	file: StoredFile,
	fileName: string,
): Promise<IBinaryData> {
	const { shared } = transfer;
	return await shared.memory.run(file.size, async () => {
		transfer.requireActive();
		const limit = LONGEST_STORED[shared.binaryMode ?? ''] ?? Infinity;
		if ((file.size ?? 0) > limit) throw new RequestFailedError({ reason: 'contentTooLarge' });
		const keep = async (chunks: AsyncIterable<Uint8Array>) =>
			await storeContent(transfer, chunks, fileName);
		const data = await downloadFile(transfer, links, file, keep);
		shared.binaryMode = getBinaryMode(data);
		if (!HOLDS_WHOLE_FILES.includes(shared.binaryMode)) shared.memory.lift();
		return data;
	});
}

/** @returns whether KooDrive lists what a downloaded file can be compared with */
export function isCheckable({ size, sha256 }: Pick<StoredFile, 'size' | 'sha256'>): boolean {
	return size !== undefined && sha256 !== undefined;
}

/**
 * The links to files, which are downloaded in this order.
 *
 * @param spaceId names the one that the files are in, where the user has several
 * @throws RequestFailedError when the space can't be found
 */
export async function createDownloadLinks(
	transfer: Transfer,
	files: ReadonlyArray<Pick<StoredFile, 'fileId'>>,
	spaceId: string | undefined,
): Promise<Links<string>> {
	const containerId = await transfer.findContainerId(spaceId);
	const askForLinks: AskForLinks<string> = async (ids, asking) => {
		const { body, date } = await asking.request(getDownloadLinks(containerId, ids));
		const links = readDownloadLinks(body).map(
			(link) => [link.fileId, link.url ?? toFailure(link, asking)] as const,
		);
		return { links: new Map(links), date };
	};
	const fileIds = files.map(({ fileId }) => fileId);
	return new Links(fileIds, askForLinks, transfer.clock);
}

/** A file without a link comes with its own code and message. */
function toFailure({ code, msg }: FileLink, { item: { client } }: Transfer): RequestFailedError {
	const reason = code === 13000309 ? 'notFound' : 'responseIncomplete';
	return new RequestFailedError({
		reason,
		...(code !== undefined && { code }),
		msg: quoteResponse(msg, client.redact),
	});
}

/** Receives a file. What was cut off goes on where it was. */
class Receiver {
	/** Why it couldn't be received. */
	failure: RequestFailedError | undefined;

	private received = 0;
	private readonly hash = createHash('sha256');

	constructor(
		private readonly transfer: Transfer,
		private readonly links: Links<string>,
		private readonly file: StoredFile,
	) {}

	async *receive(): AsyncGenerator<Uint8Array, void> {
		try {
			yield* this.receiveInAttempts();
			this.requireIntact();
		} catch (error) {
			this.fail(error as RequestFailedError);
		}
	}

	private fail(error: RequestFailedError): never {
		this.failure = error;
		throw error;
	}

	private async *receiveInAttempts(): AsyncGenerator<Uint8Array, void> {
		const { transfer, links, file } = this;
		const attempts = new Attempts(transfer);
		for (;;) {
			const link = await links.get(file.fileId, transfer, attempts.needsNewLink);
			const url = requireSecureLink(link, transfer);
			const attempt = await attempts.begin();
			try {
				for await (const chunk of this.receiveRest(url, attempt)) {
					attempt.markSuccess();
					yield chunk;
				}
				return;
			} catch (error) {
				await attempts.endFailed(attempt, toStoreError(error, url, transfer));
			} finally {
				attempt.end();
			}
		}
	}

	private async *receiveRest(url: string, attempt: Attempt): AsyncGenerator<Uint8Array, void> {
		const { watch } = attempt;
		const range = this.received > 0 && { Range: `bytes=${this.received}-` };
		// A compressed body would have another length and checksum.
		const headers = { 'Accept-Encoding': 'identity', ...range };
		const options = { method: 'GET' as const, url, headers };
		const response = await requestLink(this.transfer, options, watch, RECEIVE_TIMEOUT);
		let known = this.countKnownBytes(response);
		for await (const chunk of readChunks(response, watch)) {
			attempt.markMoved();
			const news = chunk.subarray(known);
			known -= chunk.length - news.length;
			if (news.length > 0) yield this.take(news);
		}
		const { size = 0 } = this.file;
		if (this.received < size) throw INTERRUPTED;
	}

	/** @returns how many bytes of a response were received before */
	private countKnownBytes({ statusCode, headers }: HttpResponse): number {
		if (statusCode !== 206) return this.received;
		const [, start, total] =
			/^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(headers['content-range'])) ?? [];
		const { size } = this.file;
		const isWhole = size === undefined || total === '*' || Number(total) === size;
		if (Number(start) === this.received && isWhole) return 0;
		throw new RequestFailedError({ reason: 'rangeRejected', httpCode: statusCode });
	}

	private take(chunk: Uint8Array): Uint8Array {
		const { size = Infinity } = this.file;
		this.received += chunk.length;
		this.transfer.moved = this.received;
		this.hash.update(chunk);
		if (this.received <= size) return chunk;
		throw new RequestFailedError({
			reason: 'checksumMismatch',
			detail: `more than the ${size} bytes that are listed arrived`,
		});
	}

	private requireIntact(): void {
		const { size, sha256 } = this.file;
		const isIntact =
			(size === undefined || size === this.received) &&
			(sha256 === undefined || sha256 === this.hash.digest('hex'));
		if (!isIntact) throw new RequestFailedError({ reason: 'checksumMismatch' });
	}
}
