import { UserError } from 'n8n-workflow';

/**
 * Takes the blanks and line breaks off a text that somebody typed or pasted. A number is refused: one that is
 * as long as KooDrive's IDs has lost digits already.
 *
 * @param value what was entered
 * @param name what the value is called where the user entered it, for example `Record ID`
 * @param whereToFix a sentence that tells the user what to do
 * @returns the trimmed text
 * @throws UserError when it is not text, or nothing is left of it
 */
export function text(value: unknown, name: string, whereToFix: string): string {
	const entered = value ?? '';
	if (typeof entered !== 'string') throw new UserError(`The ${name} is not text. ${whereToFix}`);
	const trimmed = entered.trim();
	if (trimmed === '') throw new UserError(`The ${name} is empty. ${whereToFix}`);
	return trimmed;
}
