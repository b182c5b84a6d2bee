import type { IDataObject, IHttpRequestMethods, IHttpRequestOptions } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire/query';
import { toQuery } from '../../../credentials/wire/query';

/** What an operation wants KooDrive to do. */
export interface KooDriveRequest {
	method: IHttpRequestMethods;
	/** The absolute path below the endpoint, percent-encoded. */
	path: string;
	/** Names and values, not encoded. */
	query?: readonly Pair[];
	/** Headers of this request alone, beside those that every request carries. */
	headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	body?: IDataObject;
	/**
	 * Whether sending it twice does no more than sending it once (RFC 9110, section 9.2.2), so that it may be
	 * sent again when it is unclear whether KooDrive carried it out.
	 */
	idempotent: boolean;
}

/** What differs from one try of a call to the next. */
export interface Try {
	/** The X-Date header. */
	signingTime: string;
	/** Milliseconds until the answer must have arrived completely. */
	timeout: number;
	/** Fires when the call is to end without waiting for its answer. */
	cancelSignal: AbortSignal | undefined;
}

/**
 * Puts a request into n8n's form.
 *
 * @param endpoint where KooDrive is, without a slash at its end
 * @param request what to send
 * @param attempt the signing time, and the timeout in milliseconds
 * @returns the options for n8n's HTTP helper, not yet authenticated
 * Source: KooDrive API Reference, "Authentication-related Request Headers".
 */
export function httpRequestOptions(
	endpoint: string,
	{ method, path, query, headers, body }: KooDriveRequest,
	{ signingTime, timeout }: Pick<Try, 'signingTime' | 'timeout'>,
): IHttpRequestOptions {
	const search = query === undefined ? '' : `?${toQuery(query)}`;
	return {
		method,
		url: endpoint + path + search,
		headers: {
			Accept: 'application/json',
			'X-Date': signingTime,
			...headers,
			...(body !== undefined && { 'Content-Type': 'application/json' }),
		},
		...(body !== undefined && { body: JSON.stringify(body) }),
		timeout,
		// n8n would carry the Authorization header to whatever address a redirect names.
		disableFollowRedirect: true,
		// Every status comes back as an answer: for a 401 n8n would otherwise send the request again by itself.
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// Read by ourselves, to a limit: n8n would read, and unpack, whatever comes.
		encoding: 'stream',
	};
}
