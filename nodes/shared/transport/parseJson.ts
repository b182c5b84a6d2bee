import type { IDataObject } from 'n8n-workflow';

// Strings are matched too, so that no digits inside of them are taken for a number; nor are those of a fraction.
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/gs;

/**
 * Reads JSON. An integer that JavaScript's numbers cannot hold becomes text, because an ID must not lose digits.
 *
 * @param text the JSON
 * @returns what it says
 * @throws SyntaxError when it is not JSON
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

/**
 * Reads what may not be JSON, as {@link parseJson} does.
 *
 * @param text the text
 * @returns what it says, or `undefined` where it is not JSON
 */
export function jsonOf(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

/**
 * Tells an object from everything else that JSON can hold.
 *
 * @param value what was read
 * @returns whether it is an object, neither a list nor null
 * Source: RFC 8259, section 4 (Objects).
 */
export function isJsonObject(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
