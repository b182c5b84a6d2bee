import type { Hash } from 'node:crypto';
import { createHash, randomUUID } from 'node:crypto';

import type { Piece, PieceWriter } from './content';
import { chunksOf, Content } from './content';

/** A part while its bytes arrive. */
export interface ArrivingPart {
	write(chunk: Buffer): void;
	/** Puts the part in its place, where it replaces an earlier one. */
	commit(): void;
	/** Counts the part as arrived but forgets its bytes. */
	lose(): void;
	discard(): void;
}

/**
 * The parts of an upload. They are hashed as they arrive, in order, so that no part is read again when they are
 * joined. Only when a part was replaced by other bytes are the parts after it read again.
 */
export class MultipartUpload {
	private readonly parts = new Map<number, Piece>();

	/** The SHA-256 state after each part, as far as it is known. */
	private readonly states = new Map<number, Hash>([[0, createHash('sha256')]]);

	private highest = 0;

	/** @param key of the object that the parts will make up */
	constructor(readonly key: string) {}

	/** Whether a part comes in order: at most one after the highest that has arrived. */
	isInOrder(partNumber: number): boolean {
		return partNumber >= 1 && partNumber <= this.highest + 1;
	}

	/** The bytes of each part that has arrived, in order. */
	get sizes(): number[] {
		return this.ordered()?.map(({ size }) => size) ?? [];
	}

	receive(partNumber: number, writer: PieceWriter): ArrivingPart {
		const before = this.states.get(partNumber - 1);
		const state = before?.copy();
		return {
			write: (chunk) => {
				state?.update(chunk);
				writer.write(chunk);
			},
			commit: () => {
				const isCurrent = this.states.get(partNumber - 1) === before;
				this.put(partNumber, writer.finish(), isCurrent ? state : undefined);
			},
			lose: () => {
				writer.discard();
				this.highest = Math.max(this.highest, partNumber);
			},
			discard: () => writer.discard(),
		};
	}

	/** Joins the parts that have arrived; `undefined` if one of them is missing or there are none. */
	join(): Content | undefined {
		const parts = this.ordered();
		if (parts === undefined || parts.length === 0) return undefined;
		return new Content(parts, this.hash(parts).copy().digest('hex'));
	}

	discard(): void {
		for (const part of this.parts.values()) part.discard();
		this.parts.clear();
	}

	private put(partNumber: number, piece: Piece, state: Hash | undefined): void {
		const replaced = this.parts.get(partNumber);
		const stateBefore = this.states.get(partNumber);
		this.parts.set(partNumber, piece);
		this.highest = Math.max(this.highest, partNumber);
		replaced?.discard();
		if (state !== undefined && stateBefore !== undefined && isSame(state, stateBefore)) return;
		for (let later = partNumber + 1; later <= this.highest; later++) this.states.delete(later);
		if (state === undefined) this.states.delete(partNumber);
		else this.states.set(partNumber, state);
	}

	/** All parts in order; `undefined` if one was lost. */
	private ordered(): Piece[] | undefined {
		const parts: Piece[] = [];
		for (let partNumber = 1; partNumber <= this.highest; partNumber++) {
			const part = this.parts.get(partNumber);
			if (part === undefined) return undefined;
			parts.push(part);
		}
		return parts;
	}

	/** The SHA-256 state after all parts. */
	private hash(parts: Piece[]): Hash {
		for (const [index, part] of parts.entries()) {
			if (this.states.has(index + 1)) continue;
			const state = this.states.get(index)!.copy();
			for (const chunk of chunksOf(part)) state.update(chunk);
			this.states.set(index + 1, state);
		}
		return this.states.get(parts.length)!;
	}
}

function isSame(a: Hash, b: Hash): boolean {
	return a.copy().digest().equals(b.copy().digest());
}

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
