import type { IDataObject } from 'n8n-workflow';

// Strings are matched too, so that digits inside them aren't taken for a number, nor are those of a fraction.
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/gs;

/**
 * Parses JSON. An integer beyond JavaScript's safe integers becomes text, because an ID must not lose digits.
 *
 * @throws SyntaxError when it isn't JSON
 * Source: RFC 8259, section 6 (Numbers), on what numbers interoperate.
 */
export function parseJson(text: string): unknown {
	if (!/\d{16}/.test(text)) return JSON.parse(text);
	// Quoting digits could make JSON of what is none.
	JSON.parse(text);
	return JSON.parse(
		text.replace(STRING_OR_LONG_INTEGER, (match) =>
			match.startsWith('"') || Number.isSafeInteger(Number(match)) ? match : `"${match}"`,
		),
	);
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

/** @returns a copy of an entry whose ID is text, even if it came as a number */
export function withIdAsText(entry: IDataObject, name: string): IDataObject {
	const id = entry[name];
	return typeof id === 'number' ? { ...entry, [name]: String(id) } : { ...entry };
}
