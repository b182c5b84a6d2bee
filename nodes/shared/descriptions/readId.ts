import { UserError } from 'n8n-workflow';

import { readText } from './readText';

/** A space, a control character, or what would lead out of the ID's place in a path. */
const NOT_IN_AN_ID = /[\s\p{Cc}\p{Cs}/\\]|^\.{1,2}$/u;

/**
 * Reads an ID that becomes part of a path, which it can't leave.
 *
 * @param name what it's called in the editor, for example `Record`
 * @param whereToFix a sentence that tells the user what to do
 * @throws UserError when it isn't text, is empty, or can't be an ID
 * Source: RFC 3986, section 3.3 (Path).
 */
export function readId(value: unknown, name: string, whereToFix: string): string {
	const id = readText(value, name, whereToFix);
	if (!NOT_IN_AN_ID.test(id)) return id;
	throw new UserError(
		`'${name}' contains a space, a slash, or another character that isn't allowed. ${whereToFix}`,
	);
}
