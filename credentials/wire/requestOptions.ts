import type { IHttpRequestOptions } from 'n8n-workflow';

/** The older form of a request, which n8n's HTTP Request node still hands to credentials. */
interface LegacyOptions {
	uri?: string;
	form?: unknown;
	formData?: unknown;
	useQuerystring?: boolean;
	qsStringifyOptions?: { arrayFormat?: string };
}

/** A request in n8n's form, whichever of the two that is. */
export type RequestOptions = IHttpRequestOptions & LegacyOptions;

/**
 * Tells the two forms apart.
 *
 * @param options a request as n8n hands it to a credential
 * @returns whether it is in the older form
 */
export function isLegacy({ uri }: RequestOptions): boolean {
	return uri !== undefined;
}
