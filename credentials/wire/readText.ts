import { UserError } from 'n8n-workflow';

/**
 * Reads text and trims it. A number is rejected: one as long as KooDrive's IDs has lost digits already.
 *
 * @param name what it's called in the editor, for example `Record ID`
 * @param whereToFix a sentence that tells the user what to do
 * @throws UserError when it isn't text, or is empty
 */
export function readText(value: unknown, name: string, whereToFix: string): string {
	const entered = value ?? '';
	if (typeof entered !== 'string') {
		throw new UserError(
			`'${name}' must be text, but the expression returned ${nameType(entered)}. ${whereToFix}`,
		);
	}
	const trimmed = entered.trim();
	if (trimmed === '') throw new UserError(`'${name}' is empty. ${whereToFix}`);
	return trimmed;
}

function nameType(value: unknown): string {
	if (Array.isArray(value)) return 'an array';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
