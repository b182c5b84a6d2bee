import type { Content } from './store/content';
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

/** The uploaded files of all backup records. */
export class FileCatalog {
	private readonly files = new Map<string, CatalogedFile>();

	get(fileId: string): CatalogedFile | undefined {
		return this.files.get(fileId);
	}

	add(fileId: string, file: CatalogedFile): void {
		this.files.set(fileId, file);
	}

	/** A file that has this content. */
	withContent(sha256: string | undefined, length: number): CatalogedFile | undefined {
		return this.find(({ shown }) => shown.sha256 === sha256 && shown.size === length);
	}

	/** The file at this place of a record. */
	at(recordId: string, { parentFolder, fileName }: Place): CatalogedFile | undefined {
		const folder = parentFolder.join('/');
		return this.find(
			(file) =>
				file.recordId === recordId &&
				file.place.fileName === fileName &&
				file.place.parentFolder.join('/') === folder,
		);
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
		const removed = [...this.files.values()].filter((file) => file.recordId === recordId);
		for (const { shown } of removed) this.files.delete(shown.fileId);
		const keys = new Set(removed.map(({ key }) => key));
		return [...keys].filter((key) => this.find((file) => file.key === key) === undefined);
	}

	private find(isWanted: (file: CatalogedFile) => boolean): CatalogedFile | undefined {
		for (const file of this.files.values()) if (isWanted(file)) return file;
		return undefined;
	}
}

/** Describes a file as KooDrive lists it. @param now milliseconds since the Unix epoch */
export function describeFile(
	fileId: string,
	{ fileName, description }: { fileName: string; description: string },
	{ sha256, length }: Content,
	now: number,
): BackupFile {
	const createTime = new Date(now).toISOString();
	return { fileId, fileName, sha256, size: length, description, createTime };
}
