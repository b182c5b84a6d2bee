import type { BackupFile } from './records';

/** A file that was uploaded. */
export interface CatalogedFile {
	recordId: string;
	place: Place;
	/** As KooDrive lists it. */
	shown: BackupFile;
	/** Of its object in the store. Files with the same content share an object. */
	key: string;
}

/** Where a file stands within its record. */
export interface Place {
	parentFolder: string[];
	fileName: string;
}

/** The uploaded files of all backup records, found by what the calls ask for: a backup may have 10,000 of them. */
export class FileCatalog {
	private readonly files = new Map<string, CatalogedFile>();

	private readonly byPlace = new Map<string, CatalogedFile>();

	private readonly byContent = new Index();

	private readonly byRecord = new Index();

	private readonly byKey = new Index();

	/** Makes the same of names that are taken for equal. */
	nameForm = (name: string): string => name;

	get(fileId: string): CatalogedFile | undefined {
		return this.files.get(fileId);
	}

	add(fileId: string, file: CatalogedFile): void {
		const { recordId, place, shown, key } = file;
		this.files.set(fileId, file);
		this.byPlace.set(this.placeOf(recordId, place), file);
		this.byContent.add(contentOf(shown.sha256, shown.size), file);
		this.byRecord.add(recordId, file);
		this.byKey.add(key, file);
	}

	/** A file that has this content. */
	withContent(sha256: string | undefined, length: number): CatalogedFile | undefined {
		const [file] = this.byContent.get(contentOf(sha256, length));
		return file;
	}

	/** The file at this place of a record. */
	at(recordId: string, place: Place): CatalogedFile | undefined {
		return this.byPlace.get(this.placeOf(recordId, place));
	}

	placeOf(recordId: string, { parentFolder, fileName }: Place): string {
		return [recordId, ...parentFolder, this.nameForm(fileName)].join('/');
	}

	/** A name that is free in this folder: the one wanted, or that one with a number. */
	freeName(recordId: string, { parentFolder, fileName }: Place): string {
		const [, base = '', extension = ''] = /^(.+?)(\.[^.]*)?$/s.exec(fileName) ?? [];
		let name = fileName;
		for (let count = 1; this.at(recordId, { parentFolder, fileName: name }); count++) {
			name = `${base}(${count})${extension}`;
		}
		return name;
	}

	/**
	 * Removes the files of a record.
	 *
	 * @returns the keys of the objects that no other file has
	 */
	removeOf(recordId: string): string[] {
		const removed = [...this.byRecord.get(recordId)];
		for (const file of removed) {
			const { place, shown, key } = file;
			this.files.delete(shown.fileId);
			this.byPlace.delete(this.placeOf(recordId, place));
			this.byContent.delete(contentOf(shown.sha256, shown.size), file);
			this.byRecord.delete(recordId, file);
			this.byKey.delete(key, file);
		}
		const keys = new Set(removed.map(({ key }) => key));
		return [...keys].filter((key) => this.byKey.get(key).size === 0);
	}
}

/** Files by something that several of them may share, in the order in which they were added. */
class Index {
	private readonly files = new Map<string, Set<CatalogedFile>>();

	get(key: string): ReadonlySet<CatalogedFile> {
		return this.files.get(key) ?? new Set();
	}

	add(key: string, file: CatalogedFile): void {
		this.files.set(key, (this.files.get(key) ?? new Set()).add(file));
	}

	delete(key: string, file: CatalogedFile): void {
		const files = this.files.get(key);
		files?.delete(file);
		if (files?.size === 0) this.files.delete(key);
	}
}

function contentOf(sha256: string | undefined, length: number): string {
	return `${sha256} ${length}`;
}
