import { UserError } from 'n8n-workflow';

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Takes the blanks and line breaks off a value that somebody typed or pasted, and makes sure that it can
 * stand in a header. Refusing everything but visible ASCII also ends header injection.
 *
 * @param value what was entered
 * @param name what the value is called where the user entered it, for example `Access Token`
 * @param whereToFix a sentence that tells the user what to do
 * @returns the trimmed value
 * @throws UserError when it is not text, nothing is left of it, or a character outside visible ASCII is in it
 * Source: RFC 9110, section 5.5 (Field Values).
 */
export function headerValue(value: unknown, name: string, whereToFix: string): string {
	const text = value ?? '';
	if (typeof text !== 'string') throw new UserError(`The ${name} is not text. ${whereToFix}`);
	const trimmed = text.trim();
	if (trimmed === '') throw new UserError(`The ${name} is empty. ${whereToFix}`);
	if (!VISIBLE_ASCII.test(trimmed)) {
		throw new UserError(
			`The ${name} holds a blank, a line break or another character that cannot be sent in a header. ${whereToFix}`,
		);
	}
	return trimmed;
}
