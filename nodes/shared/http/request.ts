import type { IDataObject, IHttpRequestMethods, IHttpRequestOptions } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire';
import { toQuery } from '../../../credentials/wire';
import type { Failure } from '../errors/failure';
import type { ReasonName } from '../errors/reasons';

/** What an operation asks of KooDrive. */
export interface KooDriveRequest {
	method: IHttpRequestMethods;
	/** The absolute path below the endpoint, percent-encoded. */
	path: string;
	/** Names and values, not encoded. */
	query?: readonly Pair[];
	/** Headers of this request alone, in addition to those that every request has. */
	headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	body?: IDataObject;
	/**
	 * Whether sending it twice has the same effect as sending it once (RFC 9110, section 9.2.2), or one that does no
	 * harm, so that it may be sent again when it's unknown whether KooDrive carried it out.
	 */
	idempotent: boolean;
	/** Whether a `code` of `"0"` means success, as in responses about files. */
	codeMayBeText?: boolean;
	/** The members of the response that are pre-signed links: they're used as they came, and never shown. */
	linkMember?: string;
}

/** What differs from one attempt to the next. */
export interface Attempt {
	/** The X-Date header. */
	signingTime: string;
	/** Milliseconds until the response must have arrived completely. */
	timeout: number;
	/** Fires when the attempt is to end without waiting for its response. */
	cancelSignal: AbortSignal | undefined;
}

/**
 * @param endpoint without a slash at its end
 * @returns the options for n8n's HTTP helper, not yet authenticated
 * Source: KooDrive API Reference, "Authentication-related Request Headers".
 */
export function toHttpRequestOptions(
	endpoint: string,
	{ method, path, query, headers, body }: KooDriveRequest,
	{ signingTime, timeout }: Pick<Attempt, 'signingTime' | 'timeout'>,
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
		// n8n would send the Authorization header to the address of a redirect.
		disableFollowRedirect: true,
		// n8n automatically repeats a request after a 401, unless every status comes back as a response.
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// n8n would read and decompress a body of any size, so the body is read here, up to a limit.
		encoding: 'stream',
	};
}

/** What came of one attempt. */
export type AttemptResult =
	| {
			ok: true;
			/** The whole JSON object of KooDrive's response, with a `code` of 0. */
			body: IDataObject;
			/** The response's Date header, as it came: most responses are never asked for their time. */
			date?: unknown;
	  }
	| { ok: false; failure: Failure };

/** @returns a failed attempt */
export function failed(
	reason: ReasonName,
	known: Omit<Failure, 'reason'> = {},
): Extract<AttemptResult, { ok: false }> {
	return { ok: false, failure: { reason, ...known } };
}
