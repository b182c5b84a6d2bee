import { Readable } from 'node:stream';

import type { IExecuteFunctions } from 'n8n-workflow';

type Helpers = IExecuteFunctions['helpers'];

/** The share of the reads of a file that fail, half of them in the middle. Each file is read at least twice. */
const FAULT_RATE = 0.02;

/** The share of the backups in which one file can't be read at all. */
const UNREADABLE_RATE = 0.1;

/**
 * @param onFault gets whether it's final
 * @returns helpers that fail now and then while they read n8n's storage; reading a file again succeeds, but for one
 */
export function withUnreliableStorage(
	helpers: Helpers,
	random: () => number,
	onFault: (isFinal: boolean) => void,
): Helpers {
	const failed = new Set<string>();
	const hasUnreadable = random() < UNREADABLE_RATE;
	let unreadable: string | undefined;
	return {
		...helpers,
		async getBinaryStream(id, chunkSize) {
			const stream = await helpers.getBinaryStream(id, chunkSize);
			if (hasUnreadable) unreadable ??= id;
			const isFinal = id === unreadable;
			if (!isFinal && (random() >= FAULT_RATE || failed.has(id))) return stream;
			failed.add(id);
			onFault(isFinal);
			return Readable.from(failingChunks(stream, random() < 0.5 ? 0 : 1), { objectMode: false });
		},
	};
}

async function* failingChunks(stream: Readable, after: number): AsyncGenerator<Buffer> {
	let passed = 0;
	for await (const chunk of stream) {
		if (passed++ === after) break;
		yield chunk as Buffer;
	}
	throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
