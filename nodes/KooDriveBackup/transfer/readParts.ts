import { createHash } from 'node:crypto';

import { RequestFailedError } from '../../shared/errors/requestFailedError';
import type { Content } from './content';
import { throwUnreadable } from './content';
import type { Digest } from './digest';
import type { PartPlan } from './parts';
import { getPartSize } from './parts';

/**
 * Cuts a file into its parts, one after the other. The parts share two buffers: while one of them is sent, the next
 * is read into the other.
 *
 * @param digest of the file when it was read before
 * @returns the bytes of each part, valid until the next but one is asked for
 * @throws RequestFailedError when the file can't be read, or has changed since
 */
export async function* readParts(
	content: Content,
	plan: PartPlan,
	digest: Digest,
): AsyncGenerator<Buffer, void> {
	const hash = createHash('sha256');
	const chunks = new ChunkReader(
		(await content.open().catch(throwUnreadable))[Symbol.asyncIterator](),
	);
	const buffers = [Buffer.allocUnsafe(plan.partSize), Buffer.allocUnsafe(plan.partSize)] as const;
	try {
		for (let partNumber = 1; partNumber <= plan.count; partNumber++) {
			const part = buffers[partNumber % 2 === 0 ? 0 : 1].subarray(0, getPartSize(plan, partNumber));
			if (!(await chunks.fill(part))) throw new RequestFailedError({ reason: 'contentChanged' });
			hash.update(part);
			yield part;
		}
		const isUnchanged = (await chunks.isAtEnd()) && hash.digest('hex') === digest.sha256;
		if (!isUnchanged) throw new RequestFailedError({ reason: 'contentChanged' });
	} finally {
		await chunks.close();
	}
}

/** Reads chunks of any size into buffers of another. */
class ChunkReader {
	/** What the last chunk held beyond what was asked for. */
	private rest: Uint8Array | undefined = new Uint8Array();

	constructor(private readonly chunks: AsyncIterator<Uint8Array>) {}

	/** @returns whether there were enough bytes */
	async fill(buffer: Buffer): Promise<boolean> {
		for (let filled = 0; filled < buffer.length; ) {
			const chunk = await this.peek();
			if (chunk === undefined) return false;
			const taken = Math.min(chunk.length, buffer.length - filled);
			buffer.set(chunk.subarray(0, taken), filled);
			filled += taken;
			this.rest = chunk.subarray(taken);
		}
		return true;
	}

	async isAtEnd(): Promise<boolean> {
		return (await this.peek()) === undefined;
	}

	async close(): Promise<void> {
		await this.chunks.return?.();
	}

	private async peek(): Promise<Uint8Array | undefined> {
		while (this.rest?.length === 0) {
			const { value, done } = await this.chunks.next().catch(throwUnreadable);
			this.rest = done === true ? undefined : value;
		}
		return this.rest;
	}
}
