import type { IDataObject, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { isLoopback } from '../../../credentials/input';
import { quote } from '../../shared/errors/quote';
import { redactLinks } from '../../shared/errors/redact';
import { getReason } from '../../shared/errors/reasons';
import { toNetworkFailure } from '../../shared/http/networkError';
import { readBody } from '../../shared/http/responseBody';
import type { AttemptResult } from '../../shared/http/result';
import { failed } from '../../shared/http/result';
import { RequestFailedError } from '../../shared/errors/requestFailedError';

/** The part of Node's Readable that is needed. */
interface StoreBody extends AsyncIterable<Uint8Array> {
	destroy: () => void;
	push: (chunk: Uint8Array | null, encoding?: BufferEncoding) => boolean;
	/** Why the bytes stopped arriving. */
	errored: Error | null;
}

/** A response of the object store whose body is a stream. */
export interface StoreResponse {
	statusCode: number;
	headers: IDataObject;
	body: StoreBody | string | undefined;
}

/** What came of a request to the object store. */
export type StoreResult = { ok: true; response: StoreResponse } | FailedTransfer;

export type FailedTransfer = Extract<AttemptResult, { ok: false }>;

/**
 * Sends one request to a pre-signed link of the object store, once. The link goes out byte for byte, no redirect is
 * followed, and nothing of KooDrive's is sent along: the store rejects a second authentication, and the token must
 * not reach another host.
 *
 * Source: assumed of AWS Signature Version 4, "Authenticating Requests: Using Query Parameters".
 *
 * @throws RequestFailedError when the link isn't secure
 */
export async function sendToStore(
	context: IExecuteFunctions,
	url: string,
	options: Pick<IHttpRequestOptions, 'method' | 'headers' | 'body'>,
	abortSignal: AbortSignal,
): Promise<StoreResult> {
	requireSecureLink(url);
	let response: StoreResponse;
	try {
		response = (await context.helpers.httpRequest({
			...options,
			url,
			abortSignal,
			disableFollowRedirect: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			encoding: 'stream',
		})) as StoreResponse;
	} catch (error) {
		// An axios error contains the link, which gives access to the file.
		return toConnectionFailure(toNetworkFailure(error, redactLinks) as FailedTransfer, url);
	}
	if (response.statusCode >= 200 && response.statusCode < 300) return { ok: true, response };
	return await toStoreFailure(response);
}

/** The general texts are about the host of 'Endpoint', and the store is on another one. */
function toConnectionFailure(result: FailedTransfer, url: string): FailedTransfer {
	const { reason, detail = '' } = result.failure;
	if (reason === 'notSent') return result;
	if (reason !== 'certificateUntrusted') return failedConnection(url, detail);
	return failed('storeUntrusted', { detail: nameHost(url, detail) });
}

/** @param detail what happened to the connection */
export function failedConnection(url: string, detail: string): FailedTransfer {
	return failed('storeUnreachable', { detail: nameHost(url, detail) });
}

function nameHost(url: string, detail: string): string {
	return `${new URL(url).host}: ${detail}`;
}

/** The store's errors are XML, with a `Code` and a `Message`. Source: OBS API Reference, "Error Responses". */
async function toStoreFailure({ statusCode, headers, body }: StoreResponse): Promise<StoreResult> {
	const text = await readBody(body).then(
		(read) => read.text,
		() => '',
	);
	const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
	const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1];
	const detail = [code, message].filter(Boolean).join(': ');
	return failed(explainStatus(statusCode), {
		httpCode: statusCode,
		retryAfter: headers['retry-after'],
		...(detail !== '' && { detail: quote(redactLinks(detail), 300) }),
	});
}

function explainStatus(status: number): 'linkExpired' | 'storeUnavailable' | 'storeRejected' {
	if (status === 403) return 'linkExpired';
	return status >= 500 || status === 408 || status === 429 ? 'storeUnavailable' : 'storeRejected';
}

/** Whether a transfer that failed like this is worth another attempt with the same link. */
export function isTransient({ failure }: FailedTransfer): boolean {
	return getReason(failure.reason).retryable;
}

function requireSecureLink(url: string): void {
	const parsed = URL.canParse(url) ? new URL(url) : undefined;
	const isSecure =
		parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
	if (isSecure) return;
	throw new RequestFailedError({ reason: 'linkInsecure', detail: parsed?.host });
}
