import { UserError } from 'n8n-workflow';

const HOW_TO_ENTER =
	"Open the KooDrive API credential and enter 'Endpoint' like https://intl.myhuaweicloud-koodrive.com.";
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * @returns the endpoint without a trailing slash, so that paths can be appended
 * @throws UserError when it isn't an absolute https URL, or contains a user name, a password, a query, or a
 * fragment. Plain http is allowed for loopback addresses only.
 */
export function parseEndpoint(endpoint: unknown): string {
	const text = typeof endpoint === 'string' ? endpoint.trim() : '';
	if (text === '') throw new UserError(`'Endpoint' is empty. ${HOW_TO_ENTER}`);
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || !/^https?:\/\//i.test(text)) {
		throw new UserError(`'Endpoint' must be a complete https:// address. ${HOW_TO_ENTER}`);
	}
	if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
		throw new UserError(
			`'Endpoint' must use https://, because http:// would expose the access token. ${HOW_TO_ENTER}`,
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new UserError(`'Endpoint' must not contain a user name or password. ${HOW_TO_ENTER}`);
	}
	if (/[?#]/.test(text)) {
		throw new UserError(
			`'Endpoint' must not contain a query or fragment (? or #). ${HOW_TO_ENTER}`,
		);
	}
	return url.origin + url.pathname.replace(/\/+$/, '');
}

export function isLoopback(hostname: string): boolean {
	return LOOPBACK.test(hostname);
}

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

// Visible ASCII. Allowing nothing else also prevents header injection.
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/**
 * Reads a value that is sent in a header, as {@link readText} does.
 *
 * @throws UserError also when it contains a character outside visible ASCII
 */
export function readHeaderValue(value: unknown, name: string, whereToFix: string): string {
	const text = readText(value, name, whereToFix);
	if (HEADER_VALUE.test(text)) return text;
	throw new UserError(
		`'${name}' contains a space, a line break, or another character that isn't allowed. ${whereToFix}`,
	);
}
