import type { IDataObject } from 'n8n-workflow';

// Strings are matched too, so that digits inside them aren't taken for a number, nor are those of a fraction.
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/gs;

// Deeper values would overflow the stack, here or in n8n.
const DEEPEST = 100;

/**
 * Parses JSON. An integer beyond JavaScript's safe integers becomes text, because an ID must not lose digits.
 *
 * @throws SyntaxError when it isn't JSON, or is nested deeper than 100 levels
 * Source: RFC 8259, sections 6 (Numbers), on what numbers interoperate, and 9 (Parsers), on limits.
 */
export function parseJson(text: string): unknown {
	const parsed: unknown = JSON.parse(text);
	if (isDeeperThan(DEEPEST, parsed)) throw new SyntaxError('nested too deep');
	// Quoting digits could make JSON of what is none, so it was parsed before.
	if (!/\d{16}/.test(text)) return parsed;
	return JSON.parse(
		text.replace(STRING_OR_LONG_INTEGER, (match) =>
			match.startsWith('"') || Number.isSafeInteger(Number(match)) ? match : `"${match}"`,
		),
	);
}

function isDeeperThan(levels: number, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}

/** @returns what {@link parseJson} returns, or `undefined` where the text isn't JSON */
export function tryParseJson(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

/** @returns whether a JSON value is an object, neither an array nor null (RFC 8259, section 4) */
export function isJsonObject(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns an ID as text, even if it came as a number; `undefined` where it's empty, or has lost digits */
export function parseId(value: unknown): string | undefined {
	if (typeof value === 'string') return value.trim() === '' ? undefined : value;
	return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** @returns text for people, even if it came as a number; `undefined` where there is none */
export function toText(value: unknown): string | undefined {
	const text = typeof value === 'number' ? String(value) : value;
	return typeof text === 'string' ? text.trim() || undefined : undefined;
}

/** @returns a whole number from 0, even if it came as text; `undefined` where it isn't one */
export function parseCount(value: unknown): number | undefined {
	const count = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
	return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** @returns a copy of an entry whose ID is text, even if it came as a number */
export function withIdAsText(entry: IDataObject, name: string): IDataObject {
	const id = parseId(entry[name]);
	return id === undefined ? { ...entry } : { ...entry, [name]: id };
}
