import { UserError } from 'n8n-workflow';

/** One of the patterns of 'File Names'. */
interface NamePattern {
	/** As the user entered it. */
	text: string;
	isExclusion: boolean;
	/** The end of a path, folder by folder, each as its characters. */
	segments: string[][];
}

const SEPARATOR = /[\\/]+/;

/**
 * Selects files by patterns such as `*.pdf, photos/2026/*.jpg, !*.tmp`. `*` stands for any characters within a name,
 * `?` for one. A pattern without `/` matches the name in any folder, one with `/` the end of the path, beginning at a
 * folder. What begins with `!` is left out, wherever it stands. Case matters, the Unicode form doesn't.
 *
 * @param patterns separated by commas; all files where there are none, or only exclusions
 * @param getPath tells the original path, or the name of a file without one
 * @throws UserError when a pattern isn't valid, an inclusion matches nothing, or no file is left
 */
export function selectByName<File>(
	files: readonly File[],
	patterns: string,
	getPath: (file: File) => string,
): File[] {
	const all = parsePatterns(patterns);
	if (all.length === 0) return [...files];
	const exclusions = all.filter(({ isExclusion }) => isExclusion);
	const inclusions = all.filter(({ isExclusion }) => !isExclusion);
	const unmatched = new Set(inclusions);
	const selected = files.filter((file) => {
		const path = toSegments(getPath(file));
		const matching = inclusions.filter((pattern) => matchesEnd(pattern, path));
		for (const pattern of matching) unmatched.delete(pattern);
		const isIncluded = inclusions.length === 0 || matching.length > 0;
		return isIncluded && !exclusions.some((pattern) => matchesEnd(pattern, path));
	});
	const [first] = unmatched;
	if (first !== undefined) throw nothingMatches(first.text, files.length);
	if (selected.length > 0 || files.length === 0) return selected;
	throw new UserError(
		`'File Names' excludes all of the ${files.length} files. Correct its patterns.`,
	);
}

function nothingMatches(pattern: string, count: number): UserError {
	return new UserError(
		`'File Names' contains "${pattern}", which matches none of the ${count} files. Correct it, or remove it.`,
	);
}

function parsePatterns(patterns: string): NamePattern[] {
	return patterns
		.split(',')
		.map((text) => text.trim())
		.filter((text) => text !== '')
		.map((text) => {
			const isExclusion = text.startsWith('!');
			const pattern = isExclusion ? text.slice(1).trim() : text;
			requireSupported(text, pattern);
			return { text, isExclusion, segments: toSegments(pattern) };
		});
}

/** What other tools give a meaning that it doesn't have here must not silently select fewer files, or more. */
function requireSupported(text: string, pattern: string): void {
	const isFolder = /[\\/]$/.test(pattern);
	if (pattern !== '' && !isFolder && !pattern.includes('**')) return;
	const remedy = isFolder
		? `To select the files of a folder, write "${pattern}*".`
		: 'A pattern without a slash, such as *.pdf, matches files in all folders.';
	throw new UserError(`'File Names' contains "${text}", which isn't supported. ${remedy}`);
}

function toSegments(path: string): string[][] {
	return path
		.normalize('NFC')
		.split(SEPARATOR)
		.filter((segment) => segment !== '')
		.map((segment) => [...segment]);
}

function matchesEnd({ segments }: NamePattern, path: readonly string[][]): boolean {
	const start = path.length - segments.length;
	return start >= 0 && segments.every((segment, index) => matches(segment, path[start + index]!));
}

/**
 * Tries only the last `*` anew: what those before it matched is as short as possible already. So each character is
 * compared with each of the pattern at most once, where a regular expression may take minutes.
 */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
	let position = 0;
	let afterStar: number | undefined;
	let starEnd = 0;
	for (let index = 0; index < name.length; ) {
		const expected = pattern[position];
		if (expected === '*') {
			afterStar = ++position;
			starEnd = index;
		} else if (expected === '?' || expected === name[index]) {
			position++;
			index++;
		} else if (afterStar !== undefined) {
			position = afterStar;
			index = ++starEnd;
		} else {
			return false;
		}
	}
	return pattern.slice(position).every((rest) => rest === '*');
}

/** @returns whether a name matches a pattern in which `*` stands for any characters and `?` for one */
export function matchesWildcards(pattern: string, name: string): boolean {
	return matches([...pattern], [...name]);
}
