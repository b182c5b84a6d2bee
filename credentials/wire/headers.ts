import type { IDataObject } from 'n8n-workflow';

/**
 * Finds a header whatever the case of its name.
 *
 * @param headers a request's headers, as the caller wrote them
 * @param name the header to look for
 * @returns its value as a string, or `undefined` where it is missing or empty
 * Source: RFC 9110, section 5.1 (Field Names).
 */
export function headerOf(headers: IDataObject, name: string): string | undefined {
	const found = Object.entries(headers).find(([key]) => sameName(key, name))?.[1];
	return found === undefined || found === null || found === '' ? undefined : String(found);
}

/**
 * Sets headers, in the place of those that the caller wrote with another case.
 *
 * @param headers a request's headers, as the caller wrote them; left as they are
 * @param set the headers to set
 * @returns all of them together
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
