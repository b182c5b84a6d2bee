import { createHash } from 'node:crypto';

import { RequestFailedError } from '../../shared/http/result';
import type { Content } from './content';
import { throwUnreadable } from './content';
import type { PartPlan } from './parts';
import { getPartSize } from './parts';

/**
 * Cuts a file into its parts, one after the other. All parts share one buffer, so that a file in transfer takes the
 * memory of one part.
 */
export class PartReader {
	private readonly hash = createHash('sha256');

	private readonly buffer: Buffer;

	private chunks: AsyncIterator<Uint8Array> | undefined;

	/** What the last chunk held beyond the part. */
	private rest: Uint8Array = new Uint8Array();

	constructor(
		private readonly content: Content,
		private readonly plan: PartPlan,
	) {
		this.buffer = Buffer.allocUnsafe(Math.min(plan.partSize, plan.length));
	}

	/**
	 * @returns the bytes of the next part, valid until the next read
	 * @throws RequestFailedError when the file has become shorter, or can't be read
	 */
	async read(partNumber: number): Promise<Buffer> {
		const size = getPartSize(this.plan, partNumber);
		let filled = 0;
		while (filled < size) {
			const chunk = this.rest.length > 0 ? this.rest : await this.next();
			if (chunk === undefined) throw new RequestFailedError({ reason: 'contentChanged' });
			const taken = Math.min(chunk.length, size - filled);
			this.buffer.set(chunk.subarray(0, taken), filled);
			filled += taken;
			this.rest = chunk.subarray(taken);
		}
		const part = this.buffer.subarray(0, size);
		this.hash.update(part);
		return part;
	}

	/**
	 * Makes sure that the parts were the file that was hashed before.
	 *
	 * @throws RequestFailedError when the file has become longer, or another
	 */
	async requireUnchanged(sha256: string): Promise<void> {
		const more = this.rest.length > 0 ? this.rest : await this.next();
		const isUnchanged = more === undefined && this.hash.digest('hex') === sha256;
		if (!isUnchanged) throw new RequestFailedError({ reason: 'contentChanged' });
	}

	/** Closes the file. */
	async close(): Promise<void> {
		await this.chunks?.return?.();
	}

	private async next(): Promise<Uint8Array | undefined> {
		this.chunks ??= (await this.content.open().catch(throwUnreadable))[Symbol.asyncIterator]();
		for (;;) {
			const { value, done } = await this.chunks.next().catch(throwUnreadable);
			if (done === true) return undefined;
			if (value.length > 0) return value;
		}
	}
}
