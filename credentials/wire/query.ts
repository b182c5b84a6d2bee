import type { GenericValue } from 'n8n-workflow';

import { uriEncode } from '../authentication/signature';

/** A name and a value, neither of them encoded. */
export type Pair = [name: string, value: string];

/**
 * Writes a query, or the fields of a form.
 *
 * @param query names and values, in their order
 * @returns the query without a question mark
 * Source: RFC 3986, section 2.1 (Percent-Encoding).
 */
export function toQuery(query: Pair[]): string {
	return query.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&');
}

type NameOfEntry = (name: string, index: number) => string;

const byIndex: NameOfEntry = (name, index) => `${name}[${index}]`;

const NAMES_OF_ENTRIES: Record<string, NameOfEntry> = {
	indices: byIndex,
	brackets: (name) => `${name}[]`,
	repeat: (name) => name,
};

/**
 * Flattens values into names and values, as n8n's HTTP library does.
 *
 * @param values what the query or form is made of; what is `undefined` is left out
 * @param format how lists are written: `indices`, `brackets`, `repeat` or `comma`
 * @param outer what the names begin with, where the values stand inside another
 * @returns one pair for each value
 */
export function pairs(values: object, format: string, outer?: string): Pair[] {
	return Object.entries(values).flatMap(([key, value]: [string, unknown]): Pair[] => {
		const name = outer === undefined ? key : `${outer}[${key}]`;
		if (!Array.isArray(value)) return pair(name, value, format);
		if (format === 'comma') return [[name, value.map(text).join(',')]];
		const nameOf = NAMES_OF_ENTRIES[format] ?? byIndex;
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
