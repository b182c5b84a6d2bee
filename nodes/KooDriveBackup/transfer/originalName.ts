import { toFileName } from './fileName';
import type { StoredFile } from './listFiles';

/** What Back Up appends to the second file of a name. */
const NUMBER = / \(\d+\)(?=\.[^.]*$|$)/;

/**
 * Finds the name that a file had before it was backed up. Back Up keeps the original path in the description where
 * the name had to be changed; any other description is left alone.
 *
 * @returns without its folders
 */
export function getOriginalName({ fileName, description }: StoredFile): string {
	const original = description.split(/[\\/]/).at(-1) ?? '';
	const isOriginal = [fileName, fileName.replace(NUMBER, '')].includes(toFileName(original));
	return original !== '' && isOriginal ? original : fileName;
}
