import { UserError } from 'n8n-workflow';

import { readText } from './readText';

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Reads a value that is sent in a header, and trims it. Allowing only visible ASCII also prevents header injection.
 *
 * @param name what it's called in the editor, for example `Access Token`
 * @param whereToFix a sentence that tells the user what to do
 * @throws UserError when it isn't text, is empty, or contains a character outside visible ASCII
 * Source: RFC 9110, section 5.5 (Field Values).
 */
export function readHeaderValue(value: unknown, name: string, whereToFix: string): string {
	const trimmed = readText(value, name, whereToFix);
	if (VISIBLE_ASCII.test(trimmed)) return trimmed;
	throw new UserError(
		`'${name}' contains a space, a line break, or another character that isn't allowed. ${whereToFix}`,
	);
}
