import escapeRegExp from 'lodash/escapeRegExp';
import { quote } from './text';

// Anything shorter isn't a token or secret of KooDrive's, and removing it would damage ordinary text.
const SHORTEST_SECRET = 8;

// Long enough for KooDrive's messages, too short for a whole page.
const LONGEST_QUOTE = 300;

const NAME = '(?:Signature|Security-Token)';
const EQUALS = '(?:=|%3D|%253D)';
// It ends where a query, a header, or a quotation goes on.
const VALUE = String.raw`(?:(?!%26|%2526)[^&\s"'<>\\,;)\]}])+`;
// Hexadecimal or base64.
const LONG_VALUE = '[A-Za-z0-9+/=%]{20,}';
const IN_QUERY = String.raw`(?:[?&]|&amp;|\\u0026|%3F|%26|%253F|%2526)[\w-]{0,100}`;
const IN_HEADER = String.raw`SignedHeaders${EQUALS}[^,\s]{0,200},\s{0,9}`;

/** In data, a text that looks like a signature may be a part of a file's name. */
const SIGNATURE_IN_DATA = new RegExp(
	`((?:${IN_QUERY}|${IN_HEADER})${NAME}${EQUALS})${VALUE}|(${NAME}${EQUALS})${LONG_VALUE}`,
	'gi',
);

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/**
 * Makes the function that removes the secrets of one credential, and signatures, from data of the server or the
 * network, which may repeat them: in any case, percent-encoded, or escaped as in JSON.
 */
export function createRedactor(secrets: readonly string[]): Redact {
	// The longest first: one secret may be a part of another.
	const longestFirst = secrets
		.filter((secret) => secret.length >= SHORTEST_SECRET)
		.sort((one, other) => other.length - one.length);
	const anySecret = new RegExp(longestFirst.map(toPattern).join('|') || '(?!)', 'gi');
	return (text) => text.replace(anySecret, '***').replace(SIGNATURE_IN_DATA, '$1$2***');
}

function toPattern(secret: string): string {
	const inJson = escapeRegExp(JSON.stringify(secret).slice(1, -1));
	return `${[...secret].map(toCharacterPattern).join('')}|${inJson}`;
}

/** Matches a character as it is, percent-encoded once or twice, or escaped as in JSON. */
function toCharacterPattern(character: string): string {
	const bytes = [...Buffer.from(character)].map((byte) => `%(?:25)?${toHex(byte, 2)}`);
	const units = character.split('').map((unit) => `\\\\{1,3}u${toHex(unit.charCodeAt(0), 4)}`);
	const escape = '"/'.includes(character) ? String.raw`\\?` : '';
	return `(?:${escape}${escapeRegExp(character)}|${bytes.join('')}|${units.join('')})`;
}

function toHex(code: number, digits: number): string {
	return code.toString(16).padStart(digits, '0');
}

/**
 * @param linkMember members with this name stay as they are
 * @returns a copy of a JSON value without secrets, in the names of members too
 */
export function redactJson(value: unknown, redact: Redact, linkMember?: string): unknown {
	const redactInner = (inner: unknown) => redactJson(inner, redact, linkMember);
	if (typeof value === 'string') return redact(value);
	if (Array.isArray(value)) return value.map(redactInner);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]: [string, unknown]) => [
			redact(name),
			name === linkMember && typeof member === 'string' ? member : redactInner(member),
		]),
	);
}

/**
 * Prepares any text of a server or the network for a message: without secrets, on one line, and not too long. No such
 * text reaches a message another way.
 *
 * @returns `undefined` where there is no text
 */
export function quoteResponse(text: unknown, redact: Redact): string | undefined {
	if (typeof text !== 'string') return undefined;
	return quote(redact(text), LONGEST_QUOTE) || undefined;
}
