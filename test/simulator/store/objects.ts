import { randomUUID } from 'node:crypto';

import type { Content } from './content';
import { MultipartUpload } from './multipartUpload';

/** The objects of a store, and the uploads that are to become some. */
export class StoredObjects {
	private readonly uploads = new Map<string, MultipartUpload>();

	private readonly objects = new Map<string, Content>();

	/** @returns the ID of a new upload */
	begin(): string {
		// IDs and keys stand in links as they are. These have characters that change when a client decodes and encodes
		// a link again.
		const uploadId = `${randomUUID()}~%2B%3D`;
		this.uploads.set(uploadId, new MultipartUpload(`/bucket/backup%20files/${randomUUID()}%2b`));
		return uploadId;
	}

	upload(uploadId: string): MultipartUpload | undefined {
		return this.uploads.get(uploadId);
	}

	/**
	 * Ends an upload and keeps its content as an object.
	 *
	 * @returns the object's key
	 */
	keep(uploadId: string, content: Content): string {
		const { key } = this.uploads.get(uploadId)!;
		this.uploads.delete(uploadId);
		this.objects.set(key, content);
		return key;
	}

	/** Ends an upload and forgets its parts. */
	cancel(uploadId: string): void {
		this.uploads.get(uploadId)?.discard();
		this.uploads.delete(uploadId);
	}

	object(key: string): Content | undefined {
		return this.objects.get(key);
	}

	delete(key: string): void {
		this.objects.get(key)?.discard();
		this.objects.delete(key);
	}
}
