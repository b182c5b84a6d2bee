import type { IHttpRequestOptions } from 'n8n-workflow';

/** The older form of a request, which n8n's HTTP Request node still passes to credentials. */
interface LegacyOptions {
	uri?: string;
	form?: unknown;
	formData?: unknown;
	useQuerystring?: boolean;
	qsStringifyOptions?: { arrayFormat?: string };
}

/** A request in n8n's form, whichever of the two that is. */
export type RequestOptions = IHttpRequestOptions & LegacyOptions;

/** @returns whether a request is in the older form */
export function isLegacy({ uri }: RequestOptions): boolean {
	return uri !== undefined;
}
