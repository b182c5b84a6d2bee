import { UserError } from 'n8n-workflow';

import type { StoredFile } from '../../shared/api/files';

/** Source: KooDrive API Reference, "Creating a Backup File", field `fileName`; `\` is taken for forbidden too. */
const FORBIDDEN = /[<>|:"*?/\\\p{Cc}\p{Cs}]/u;
const NOT_A_NAME = ['', '.', '..'];
const MAX_LENGTH = 250;

/** What {@link UniqueNames}, or KooDrive itself, appends to the second file of a name. */
const NUMBER = / ?\((\d+)\)(?=\.[^.]*$|$)/;

/** On other systems, a name may contain a backslash. */
const WINDOWS_ROOT = /^(?:[a-z]:)?\\|^[a-z]:\//i;

/** Stands for what is left out of a name that is too long. */
const ELLIPSIS = '...';

/**
 * Checks a file name that the user entered.
 *
 * @throws UserError when KooDrive would reject it
 */
export function requireFileName(name: string): string {
	if (name.length > MAX_LENGTH) {
		throw new UserError(
			`'File Name' has ${name.length} characters, but must have at most ${MAX_LENGTH}.`,
		);
	}
	if (!NOT_A_NAME.includes(name) && !FORBIDDEN.test(name)) return name;
	throw new UserError(
		"'File Name' must not be '.' or '..', nor contain any of < > | : \" * ? / \\. Enter a name without them.",
	);
}

/**
 * Makes a file name that KooDrive accepts of any name: forbidden characters become `_`, and a name that is too long
 * is shortened in the middle.
 */
export function toFileName(name: string): string {
	const clean = name.replace(new RegExp(FORBIDDEN, 'gu'), '_');
	return shorten(NOT_A_NAME.includes(clean) ? `_${clean}` : clean, MAX_LENGTH);
}

/**
 * Makes the names of a backup unique: the second "report.pdf" becomes "report (2).pdf". Names that differ only in
 * their case or their Unicode form count as the same, because they are on some systems.
 */
export class UniqueNames {
	private readonly taken = new Set<string>();

	/** Where to look on for a free number, by name: thousands of files may have the same one. */
	private readonly nextNumbers = new Map<string, number>();

	/**
	 * @param name that KooDrive accepts
	 * @returns the name, or one with a number where it's taken
	 */
	add(name: string): string {
		const key = toKey(name);
		let number = this.nextNumbers.get(key) ?? 1;
		let unique = numberName(name, number);
		while (this.taken.has(toKey(unique))) unique = numberName(name, ++number);
		this.taken.add(toKey(unique));
		this.nextNumbers.set(key, number + 1);
		return unique;
	}
}

/** @returns the name with its number increased: `report (2).pdf`, `report (3).pdf` */
export function addNumber(name: string): string {
	const number = Number(NUMBER.exec(name)?.[1] ?? 1);
	return numberName(name.replace(NUMBER, ''), number + 1);
}

function toKey(name: string): string {
	return name.normalize('NFC').toLowerCase();
}

function numberName(name: string, number: number): string {
	if (number === 1) return name;
	const dot = name.lastIndexOf('.');
	const end = dot > 0 ? name.slice(dot) : '';
	const suffix = ` (${number})${end}`;
	return shorten(name.slice(0, name.length - end.length), MAX_LENGTH - suffix.length) + suffix;
}

function shorten(name: string, length: number): string {
	if (name.length <= length) return name;
	const half = (length - ELLIPSIS.length) / 2;
	const shortened = name.slice(0, Math.ceil(half)) + ELLIPSIS + name.slice(-Math.floor(half));
	// A character of two code units may have been cut in two.
	return shortened.replace(/\p{Cs}/gu, '_');
}

/**
 * Finds the path that a file had before it was backed up, relative to where it's restored. Back Up keeps it in the
 * description; any other description is left alone.
 *
 * @returns the file's name where there is no path, or where it isn't that of the file
 */
export function getOriginalPath({
	fileName,
	description,
}: Pick<StoredFile, 'fileName' | 'description'>): string {
	for (const separator of WINDOWS_ROOT.test(description) ? [/[\\/]/, '/'] : ['/', /[\\/]/]) {
		const segments = description.split(separator);
		if (!isNameOf(fileName, segments.at(-1) ?? '')) continue;
		if (segments.some((segment) => LEADS_OUT.test(segment))) continue;
		return segments.filter((segment, index) => !isRoot(segment, index)).join('/');
	}
	// KooDrive takes no such name, but it may be in a list.
	return fileName === '' ? '' : fileName.split('/').map(toFileName).join('/');
}

/** On Windows, what is one name elsewhere would lead out of the folder. */
const LEADS_OUT = /(?:^|\\)\.\.\\|\\\.\.$/;

/** What would lead out of the folder that the file is restored to. */
function isRoot(segment: string, index: number): boolean {
	return NOT_A_NAME.includes(segment) || (index === 0 && /^[a-z]:$/i.test(segment));
}

/**
 * Makes paths distinct, so that writing the files loses none: the second `a/report.pdf` becomes `a/report (2).pdf`,
 * unless there is one.
 */
export function makeDistinct(paths: readonly string[]): string[] {
	const taken = new Set(paths);
	const numbers = new Map<string, number>();
	return paths.map((path) => {
		let number = numbers.get(path) ?? 1;
		const [, folder = '', name = ''] = /^(.*\/)?(.*)$/s.exec(path) ?? [];
		let distinct = path;
		while (number > 1 && taken.has(distinct)) distinct = folder + numberName(name, number++);
		numbers.set(path, Math.max(2, number));
		taken.add(distinct);
		return distinct;
	});
}

/** Whether a name is what a file is called in a backup: changed where KooDrive doesn't accept it, and numbered. */
function isNameOf(fileName: string, original: string): boolean {
	if (NOT_A_NAME.includes(original)) return false;
	const clean = toFileName(original);
	if (clean === fileName || clean === fileName.replace(NUMBER, '')) return true;
	const number = Number(NUMBER.exec(fileName)?.[1] ?? 1);
	// The number may have taken the place of other characters.
	return numberName(clean, number) === fileName;
}
