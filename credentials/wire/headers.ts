import type { IDataObject } from 'n8n-workflow';

/**
 * Finds a header, ignoring the case of its name.
 *
 * @returns `undefined` if it's missing or empty
 * Source: RFC 9110, section 5.1 (Field Names).
 */
export function headerOf(headers: IDataObject, name: string): string | undefined {
	const found = Object.entries(headers).find(([key]) => sameName(key, name))?.[1];
	return found === undefined || found === null || found === '' ? undefined : String(found);
}

/**
 * Sets headers, replacing those whose names differ only in case.
 *
 * @returns a copy with the new headers
 * Source: RFC 9110, section 5.1 (Field Names).
 */
export function withHeaders(headers: IDataObject, set: Record<string, string>): IDataObject {
	const kept = Object.entries(headers).filter(
		([key]) => !Object.keys(set).some((name) => sameName(key, name)),
	);
	return { ...Object.fromEntries(kept), ...set };
}

function sameName(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase();
}
