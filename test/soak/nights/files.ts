import { createCipheriv, createHash } from 'node:crypto';

/** A file that is backed up. */
export interface NightFile {
	folder: string;
	name: string;
	/** What its bytes are derived from; a file that was renamed keeps them. */
	content: number;
	/** Bytes. */
	size: number;
}

/** Two files in different folders have it. */
const SHARED_NAME = 'report.pdf';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Small files have fewer bytes than these: 0, exactly 1, and up to a KiB, 64 KiB, or a MiB. */
const SMALL = [1, 2, KIB, 64 * KIB, 64 * KIB, MIB];

/** Bytes of a part: fewer than usual, so that nights are short on slow lines, too. */
export const PART_SIZE = 4 * MIB;

/** One full part, some bytes more, and two full parts and a rest. */
const LARGE = [PART_SIZE, PART_SIZE + 1, 2 * PART_SIZE + 12_345];

const FEWEST = 30;
const MOST = 45;

/** A folder of files, of which some have changed each night. */
export class NightFiles {
	private small: NightFile[];

	private large: NightFile;

	private made = 0;

	constructor(private readonly random: () => number) {
		this.small = [this.create('a', SHARED_NAME), this.create('b', SHARED_NAME)];
		this.large = this.createLarge();
	}

	/** @returns the files of the next night */
	next(): NightFile[] {
		this.small = this.small
			.filter(({ name }) => name === SHARED_NAME || this.random() >= 0.05)
			.map((file) => this.change(file));
		const count = FEWEST + this.random() * (MOST - FEWEST);
		while (this.small.length < count) this.small.push(this.create());
		if (this.random() < 0.4) this.large = this.createLarge();
		return [...this.small, this.large];
	}

	private change(file: NightFile): NightFile {
		const event = this.random();
		if (event < 0.02 && file.name !== SHARED_NAME) return { ...file, name: this.nextName() };
		return event < 0.15 ? this.create(file.folder, file.name) : file;
	}

	private create(folder = '', name = this.nextName()): NightFile {
		const limit = SMALL[Math.floor(this.random() * SMALL.length)]!;
		const size = limit <= 2 ? limit - 1 : Math.floor(this.random() * limit);
		return { folder, name, content: this.made++, size };
	}

	private createLarge(): NightFile {
		const size = LARGE[Math.floor(this.random() * LARGE.length)]!;
		return { folder: '', name: 'archive.tar', content: this.made++, size };
	}

	private nextName(): string {
		return `Schlüssel ${this.made++}.txt`;
	}
}

/** The bytes of a file: random ones, and always the same. */
export function bytesOf({ content, size }: NightFile): Buffer {
	const key = createHash('sha256').update(String(content)).digest();
	return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** The path that a backup keeps of a file. */
export function pathOf({ folder, name }: NightFile): string {
	return folder === '' ? name : `${folder}/${name}`;
}
