import { createHash } from 'node:crypto';

import type { Content } from './store/content';
import type { FileRequest, PartSize } from './fileRequests';
import { SMALLEST_PART } from './fileRequests';

const PRE_HASH_LENGTH = 1024;

/** A file of a backup that KooDrive waits for. */
export class FileUpload {
	/** The sizes of the parts for which links were given out, by their number. */
	private sizes = new Map<number, number>();

	/** @param uploadId of its upload in the object store */
	constructor(
		readonly recordId: string,
		readonly file: FileRequest,
		readonly uploadId: string,
	) {}

	/**
	 * Notes the parts for which links are wanted.
	 *
	 * @returns `false` if these can't be parts of this file: more bytes than it has, or a part of less than 5 MiB that
	 * isn't its end
	 */
	expect(parts: PartSize[]): boolean {
		const sizes = new Map(this.sizes);
		for (const { partNumber, partSize } of parts) sizes.set(partNumber, partSize);
		const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
		const last = Math.max(...sizes.keys());
		// Before the sizes of all earlier parts are known, any last part may be the end.
		const mayEnd = bytes === this.file.length || sizes.size < last;
		const areLarge = [...sizes].every(
			([partNumber, size]) => size >= SMALLEST_PART || (partNumber === last && mayEnd),
		);
		if (bytes > this.file.length || !areLarge) return false;
		this.sizes = sizes;
		return true;
	}

	/** Whether what has arrived is the file that was announced. */
	isIntact(content: Content, partSizes: number[], sha256: string | undefined): boolean {
		const { file } = this;
		return (
			content.length === file.length &&
			partSizes.slice(0, -1).every((size) => size >= SMALLEST_PART) &&
			[sha256, file.sha256].every((digest) => digest === undefined || digest === content.sha256) &&
			(file.preHash === undefined || file.preHash === preHashOf(content))
		);
	}
}

/** The digest of the first 1 KiB, which every way of keeping bytes has. */
function preHashOf(content: Content): string {
	const head = content.read(0, Math.min(PRE_HASH_LENGTH, content.length))!;
	return createHash('sha256').update(head).digest('hex');
}
