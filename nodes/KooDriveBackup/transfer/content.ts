import clamp from 'lodash/clamp';
import once from 'lodash/once';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { RequestFailedError } from '../../shared/errors/failure';
import { getMessage } from '../../shared/errors/text';
import { getBackoff } from '../../shared/http/retry';
import { learnStreamClass, toStream } from '../../shared/http/streams';
import type { Transfer } from './transfer';
import { STALLED, Watch } from './attempts';

/** Milliseconds in which n8n's storage must return a chunk. */
const READ_TIMEOUT = 60_000;

/** How often n8n's storage is read again without a chunk in between. */
const MAX_REREADS = 2;

/** Milliseconds in which n8n's storage must take a chunk, and in which it must finish after the last one. */
const STORE_TIMEOUT = 120_000;
const FINISH_TIMEOUT = 300_000;

/**
 * n8n reads its storage in chunks of at most this many bytes, where it can choose. It takes that much memory for each
 * chunk, however short a file is, so short files are read in smaller ones.
 */
export const CHUNK_SIZE = 256 * 1024;
const SMALLEST_CHUNK_SIZE = 16 * 1024;

/** In these modes, n8n holds a whole file in memory while it reads or writes it. */
export const HOLDS_WHOLE_FILES = ['memory', 'database'];

type Chunks = AsyncIterable<Uint8Array> & { destroy?: () => void };

/** The bytes of one binary field, and what n8n says about them. */
export interface Content {
	/** As n8n names it. */
	fileName: string;
	/** Where the file came from, without its name; empty where that isn't known. */
	directory: string;
	mimeType: string;
	/** How many bytes n8n holds in memory while the file is read; `undefined` where it doesn't say. */
	heldBytes: number | undefined;
	/** How many bytes there should be, where n8n says so; they're counted anyway. */
	getLength: () => Promise<number | undefined>;
	/** Opens the bytes from the first one, in chunks of about that size. */
	open: (chunkSize: number) => Promise<Chunks>;
}

export type ReadableContent = Pick<Content, 'getLength' | 'open'>;

/** @returns whether there is a file in a binary field, where another node may have written anything */
export function isContent(value: unknown): value is IBinaryData {
	if (typeof value !== 'object' || value === null) return false;
	const { id = '', data } = value as Record<string, unknown>;
	return id === ''
		? typeof data === 'string' || data instanceof Uint8Array
		: typeof id === 'string';
}

export function toContent({ helpers }: IExecuteFunctions, data: IBinaryData): Content {
	const { fileName, directory, mimeType, fileExtension, bytes } = data;
	const id = data.id || undefined;
	const unnamed = fileExtension ? `file.${fileExtension}` : 'file';
	const known = id === undefined ? Buffer.byteLength(data.data, 'base64') : toLength(bytes);
	return {
		fileName: toText(fileName) || unnamed,
		directory: toText(directory),
		mimeType: toText(mimeType) || 'application/octet-stream',
		heldBytes: HOLDS_WHOLE_FILES.includes(getBinaryMode(data)) ? known : 0,
		getLength: once(async () => {
			// The base64 of an e-mail has line breaks.
			if (id === undefined) return Buffer.byteLength(withoutBlanks(data.data), 'base64');
			if (known !== undefined) return known;
			// Older versions of n8n say it here alone: perhaps as text, or as NaN.
			const metadata = await helpers.getBinaryMetadata(id).catch(() => undefined);
			return toLength(metadata?.fileSize);
		}),
		open: async (chunkSize) => {
			if (id === undefined)
				return await toMemoryContent(Buffer.from(data.data, 'base64')).open(chunkSize);
			const stream = await helpers.getBinaryStream(id, chunkSize);
			learnStreamClass(stream);
			return stream;
		},
	};
}

/** @returns for example `filesystem-v2`, or `memory`, where the item itself contains the bytes */
export function getBinaryMode({ id }: IBinaryData): string {
	return id ? id.replace(/:.*/s, '') : 'memory';
}

function withoutBlanks(base64: string | Uint8Array): string | Uint8Array {
	return typeof base64 === 'string' ? base64.replace(/\s+/g, '') : base64;
}

function toText(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function toLength(value: unknown): number | undefined {
	return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** Bytes that are in memory. */
export function toMemoryContent(bytes: Buffer): ReadableContent {
	const open = async function* (): AsyncGenerator<Uint8Array, void> {
		for (let start = 0; start < bytes.length; start += CHUNK_SIZE) {
			yield await Promise.resolve(bytes.subarray(start, start + CHUNK_SIZE));
		}
	};
	return {
		getLength: async () => await Promise.resolve(bytes.length),
		open: async () => await Promise.resolve(open()),
	};
}

/** Reads a file from n8n's storage from any position on, and again where the storage fails. */
export class ContentReader {
	/** Why it can't be read any further. */
	failure: RequestFailedError | undefined;

	/** What was read already, but not returned. */
	private next: Uint8Array | undefined;

	private opened: OpenedContent | undefined;

	private isClosed = false;

	/** @param position of the first byte: there is no other way with n8n's storage than to read up to there */
	constructor(
		private readonly transfer: Transfer,
		private readonly content: ReadableContent,
		private position = 0,
	) {}

	/** @returns how many bytes there should be, where n8n says so */
	async getLength(): Promise<number | undefined> {
		return await this.retry(async ({ length }) => await Promise.resolve(length));
	}

	/** Reads the next chunk, which {@link read} will return. */
	async prefetch(): Promise<void> {
		this.next ??= await this.readOn();
	}

	/**
	 * @returns the next chunk, or `undefined` at the end of the file
	 * @throws RequestFailedError when n8n's storage fails, stalls, or the transfer is to end
	 */
	async read(): Promise<Uint8Array | undefined> {
		const known = this.next;
		this.next = undefined;
		return known ?? (await this.readOn());
	}

	/** @returns the next bytes, so many at most; `undefined` at the end of the file */
	async readUpTo(length: number): Promise<Uint8Array | undefined> {
		const chunk = await this.read();
		if (chunk === undefined || chunk.length <= length) return chunk;
		this.next = chunk.subarray(length);
		return chunk.subarray(0, length);
	}

	/** What was still being read ends. */
	close(): void {
		this.isClosed = true;
		this.opened?.close();
	}

	private async readOn(): Promise<Uint8Array | undefined> {
		const chunk = await this.retry(async (opened) => await opened.readFrom(this.position));
		this.position += chunk?.length ?? 0;
		return chunk;
	}

	private async retry<Value>(use: (opened: OpenedContent) => Promise<Value>): Promise<Value> {
		const { transfer } = this;
		for (let failures = 1; ; failures++) {
			try {
				this.opened ??= await OpenedContent.open(transfer, this.content);
				// Closed while it was opened, or between two attempts.
				if (this.isClosed) this.close();
				return await use(this.opened);
			} catch (error) {
				this.opened?.close();
				this.opened = undefined;
				this.throwIfLast(error, failures);
			}
			await transfer.sleep(getBackoff(failures, transfer.clock));
		}
	}

	private throwIfLast(error: unknown, failures: number): void {
		this.transfer.requireActive();
		if (failures <= MAX_REREADS && !this.isClosed) return;
		const detail = error === STALLED ? 'no data for a minute' : getMessage(error);
		this.failure = new RequestFailedError({ reason: 'contentUnreadable', detail });
		throw this.failure;
	}
}

/** One stream of n8n's storage. */
class OpenedContent {
	/** How much was read. */
	private offset = 0;

	private readonly iterator: AsyncIterator<Uint8Array>;

	private constructor(
		private readonly chunks: Chunks,
		/** How many bytes there should be, where n8n says so. */
		readonly length: number | undefined,
		private readonly watch: Watch,
	) {
		this.iterator = chunks[Symbol.asyncIterator]();
	}

	static async open(
		{ clock, signal }: Transfer,
		{ getLength, open }: ReadableContent,
	): Promise<OpenedContent> {
		const watch = new Watch(clock, signal);
		let opened: OpenedContent | undefined;
		try {
			const length = await watch.wait(getLength(), READ_TIMEOUT);
			const chunkSize = clamp(length ?? CHUNK_SIZE, SMALLEST_CHUNK_SIZE, CHUNK_SIZE);
			const close = (chunks: Chunks) => chunks.destroy?.();
			const chunks = await watch.wait(open(chunkSize), READ_TIMEOUT, close);
			opened = new OpenedContent(chunks, length, watch);
			return opened;
		} finally {
			if (opened === undefined) watch.end();
		}
	}

	/** @returns the next bytes from a position on, which isn't before what was read; `undefined` at the end */
	async readFrom(position: number): Promise<Uint8Array | undefined> {
		for (;;) {
			const { value: chunk, done } = await this.watch.wait(this.iterator.next(), READ_TIMEOUT);
			if (done === true) return undefined;
			const start = position - this.offset;
			this.offset += chunk.length;
			if (this.offset > position) return chunk.subarray(start);
		}
	}

	/** A stream that stalls must be destroyed: its iterator would wait for the chunk. */
	close(): void {
		this.watch.end();
		this.chunks.destroy?.();
	}
}

/**
 * Has n8n store what arrives.
 *
 * @param fileName under which n8n stores it
 * @throws RequestFailedError when n8n's storage fails, stalls, or the transfer is to end; what the chunks end with
 */
export async function storeContent(
	transfer: Transfer,
	chunks: AsyncIterable<Uint8Array>,
	fileName: string,
): Promise<IBinaryData> {
	const { clock, context, signal } = transfer;
	const { prepareBinaryData } = context.helpers;
	const watch = new Watch(clock, signal);
	let length = 0;
	// While the next chunk is on its way, n8n's storage has nothing to do.
	const watched = async function* (): AsyncGenerator<Uint8Array, void> {
		watch.expectWithin(Infinity);
		for await (const chunk of chunks) {
			length += chunk.length;
			watch.expectWithin(STORE_TIMEOUT);
			yield chunk;
			watch.expectWithin(Infinity);
		}
		watch.expectWithin(FINISH_TIMEOUT);
	};
	const stream = toStream(watched());
	type Bytes = Parameters<typeof prepareBinaryData>[0];
	const storing = prepareBinaryData(stream as unknown as Bytes, fileName);
	try {
		const data = await watch.wait(storing, STORE_TIMEOUT);
		const stored = await watch.wait(toContent(context, data).getLength(), READ_TIMEOUT);
		if (stored === undefined || stored === length) return data;
		return throwNotStored(new Error(`it stored ${stored} of ${length} bytes`));
	} catch (error) {
		return throwNotStored(error, transfer);
	} finally {
		watch.end();
		stream.destroy();
	}
}

/** What n8n, or Node.js, says of a file that is too large for the binary data mode. */
const TOO_LARGE = /exceeds the max size limit|Cannot create a string longer|Invalid string length/;

function throwNotStored(error: unknown, transfer?: Transfer): never {
	if (error instanceof RequestFailedError) throw error;
	transfer?.requireActive();
	const detail = error === STALLED ? 'it took no data for minutes' : getMessage(error);
	const reason = TOO_LARGE.test(detail) ? 'contentTooLarge' : 'contentNotStored';
	throw new RequestFailedError({ reason, detail });
}
