import type { GenericValue } from 'n8n-workflow';

/** A name and a value, neither of them encoded. */
export type Pair = readonly [name: string, value: string];

/**
 * Percent-encodes all characters except the unreserved ones (`A-Z a-z 0-9 - _ . ~`).
 *
 * Source: RFC 3986, sections 2.1 (Percent-Encoding) and 2.3 (Unreserved Characters); KooDrive API Reference,
 * "App-based Authentication Generation Rule", step 1, which requires the same.
 */
export function uriEncode(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString()).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}

/**
 * Encodes a query, or the fields of a form.
 *
 * @returns the query without a question mark
 * Source: RFC 3986, section 2.1 (Percent-Encoding).
 */
export function toQuery(query: readonly Pair[]): string {
	return query.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&');
}

type NameOfEntry = (name: string, index: number) => string;

const byIndex: NameOfEntry = (name, index) => `${name}[${index}]`;

/** How the entries of lists are named in other formats than `indices`. */
const NAMES_OF_ENTRIES = new Map<string, NameOfEntry>([
	['brackets', (name) => `${name}[]`],
	['repeat', (name) => name],
]);

/**
 * Flattens nested values into pairs, as n8n's HTTP library does.
 *
 * @param values of the query or form; `undefined` is left out
 * @param format how lists are encoded: `indices`, `brackets`, `repeat`, or `comma`
 * @param outer the prefix of the names, for nested values
 */
export function pairs(values: object, format: string, outer?: string): Pair[] {
	return Object.entries(values).flatMap(([key, value]: [string, unknown]): Pair[] => {
		const name = outer === undefined ? key : `${outer}[${key}]`;
		if (!Array.isArray(value)) return pair(name, value, format);
		if (format === 'comma') return [[name, value.map(text).join(',')]];
		const nameOf = NAMES_OF_ENTRIES.get(format) ?? byIndex;
		return value.flatMap((entry, index) => pair(nameOf(name, index), entry, format));
	});
}

function pair(name: string, value: unknown, format: string): Pair[] {
	if (value === undefined) return [];
	if (typeof value !== 'object' || value === null || value instanceof Date) {
		return [[name, text(value)]];
	}
	return pairs(value, format, name);
}

function text(value: unknown): string {
	if (value === null || value === undefined) return '';
	return value instanceof Date ? value.toISOString() : String(value as GenericValue);
}
