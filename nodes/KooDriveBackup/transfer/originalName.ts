import { toFileName } from './fileName';
import type { StoredFile } from '../../shared/api/files';

/** What Back Up appends to the second file of a name. */
const NUMBER = / \(\d+\)(?=\.[^.]*$|$)/;

/**
 * Finds the path that a file had before it was backed up. Back Up keeps it in the description where the file's name in
 * the backup differs from it; any other description is left alone.
 *
 * @returns the name where there is no such path
 */
export function getOriginalPath({ fileName, description }: StoredFile): string {
	const original = getLastSegment(description);
	const isOriginal = [fileName, fileName.replace(NUMBER, '')].includes(toFileName(original));
	return original !== '' && isOriginal ? description : fileName;
}

/** @returns the original path without its folders */
export function getOriginalName(file: StoredFile): string {
	return getLastSegment(getOriginalPath(file));
}

function getLastSegment(path: string): string {
	return path.split(/[\\/]/).at(-1) ?? '';
}
