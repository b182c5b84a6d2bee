import type { IHttpRequestOptions } from 'n8n-workflow';

import { isLoopback } from '../../../credentials/input';
import type { ReasonName } from '../../shared/errors/reasons';
import { quoteResponse } from '../../shared/errors/redact';
import { RequestFailedError } from '../../shared/errors/failure';
import { parseHttpDate } from '../../shared/http/httpDate';
import { toNetworkFailure } from '../../shared/http/networkError';
import type { AttemptResult } from '../../shared/http/request';
import type { HttpResponse } from '../../shared/http/response';
import { closeConnection, readBody } from '../../shared/http/responseBody';
import type { Watch } from './attempts';
import { CANCELED, STALLED } from './attempts';
import type { Transfer } from './transfer';

/** What the reading of a body ends with that didn't arrive completely. */
export const INTERRUPTED = new Error('Interrupted');

/** How long the store may send nothing, in milliseconds. */
export const RECEIVE_TIMEOUT = 60_000;

/**
 * Errors that pass, whatever their status. Source: OBS API Reference, "Error Codes"; Amazon S3 API Reference, "Error
 * Responses".
 */
const TRANSIENT_CODES = new Set([
	'BandwidthLimitExceeded',
	'ConnectionTimeout',
	'IncompleteBody',
	'InternalError',
	'InternalServerError',
	'OperationAborted',
	'PriorRequestNotComplete',
	'RequestLimitExceeded',
	'RequestTimeout',
	'RequestThrottled',
	'ServerBusy',
	'ServiceUnavailable',
	'SlowDown',
	'Throttling',
	'ThrottlingException',
	'TooManyRequests',
]);

const EXPIRED_CODES = new Set(['AccessDenied', 'ExpiredToken']);

/** The store's errors are XML. Source: OBS API Reference, "Error Responses". */
interface StoreError {
	code?: string;
	message?: string;
}

/**
 * Sends one request to a pre-signed link of the object store, once. The link goes out byte for byte, no redirect is
 * followed, and nothing of KooDrive's is sent along: the store rejects a second authentication, and the token must
 * not reach another host.
 *
 * Source: assumed of AWS Signature Version 4, "Authenticating Requests: Using Query Parameters".
 *
 * @param timeout milliseconds in which something must happen
 * @throws RequestFailedError, or STALLED, CANCELED, and what n8n's helper throws: see {@link toStoreError}
 */
export async function requestLink(
	transfer: Transfer,
	options: Pick<IHttpRequestOptions, 'method' | 'headers' | 'body'> & { url: string },
	watch: Watch,
	timeout: number,
): Promise<HttpResponse> {
	const sent = transfer.context.helpers.httpRequest({
		...options,
		abortSignal: watch.signal,
		disableFollowRedirect: true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		encoding: 'stream',
	}) as Promise<HttpResponse>;
	const response = await watch.wait(sent, timeout, closeConnection);
	const { statusCode } = response;
	if (statusCode >= 200 && statusCode < 300) return response;
	throw toRejection(transfer, response, await readText(response, watch).catch(() => ''));
}

/** @throws RequestFailedError when the body of a success reports an error; INTERRUPTED, STALLED, CANCELED */
export async function requireNoError(
	transfer: Transfer,
	response: HttpResponse,
	watch: Watch,
): Promise<void> {
	const text = await readText(response, watch);
	if (text.includes('<Error>')) throw toRejection(transfer, response, text);
}

/** @throws INTERRUPTED, STALLED, CANCELED */
export async function* readChunks(
	{ body }: HttpResponse,
	watch: Watch,
): AsyncGenerator<Uint8Array, void> {
	// n8n makes a string of an empty body.
	if (typeof body !== 'object') return;
	const iterator = body[Symbol.asyncIterator]();
	for (;;) {
		const { value, done } = await watch.wait(
			iterator.next().catch(throwInterrupted),
			RECEIVE_TIMEOUT,
		);
		if (done === true) return;
		yield value;
	}
}

function throwInterrupted(): never {
	throw INTERRUPTED;
}

/** Only https, because anyone on the network could read the file; http where KooDrive is on this machine. */
export function requireSecureLink(url: string, { item: { client } }: Transfer): string {
	const link = URL.canParse(url) ? new URL(url) : undefined;
	const isSecure =
		link?.protocol === 'https:' ||
		(link?.protocol === 'http:' &&
			[link, new URL(client.endpoint)].every((it) => isLoopback(it.hostname)));
	if (isSecure) return url;
	const detail = quoteResponse(link?.host, client.redact);
	throw new RequestFailedError({ reason: 'linkInsecure', detail });
}

/**
 * Explains why a request had no response, or its body wasn't received to its end. An error of axios contains the link,
 * which gives access to the file.
 */
export function toStoreError(
	error: unknown,
	url: string,
	{ item: { client } }: Transfer,
): RequestFailedError {
	if (error instanceof RequestFailedError) return error;
	if (error === CANCELED) return new RequestFailedError({ reason: 'canceled' });
	// The general texts are about the host of 'Endpoint', and the store is on another one.
	const nameHost = (reason: ReasonName, detail: string): RequestFailedError =>
		new RequestFailedError({
			reason,
			detail: `${quoteResponse(new URL(url).host, client.redact)}: ${detail}`,
		});
	if (error === STALLED)
		return nameHost('storeUnreachable', 'no data was transferred for too long');
	if (error === INTERRUPTED) return nameHost('storeUnreachable', 'the response was interrupted');
	const result = toNetworkFailure(error, client.redact);
	const { reason, detail = '' } = (result as Extract<AttemptResult, { ok: false }>).failure;
	if (reason === 'notSent') return new RequestFailedError({ reason, detail });
	return nameHost(
		reason === 'certificateUntrusted' ? 'storeUntrusted' : 'storeUnreachable',
		detail,
	);
}

async function readText({ body }: HttpResponse, watch: Watch): Promise<string> {
	const { text } = await watch.wait(readBody(body).catch(throwInterrupted), RECEIVE_TIMEOUT);
	return text;
}

function toRejection(
	{ item: { client } }: Transfer,
	{ statusCode: httpCode, headers }: HttpResponse,
	text: string,
): RequestFailedError {
	const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
	const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1];
	const detail = quoteResponse([code, message].filter(Boolean).join(': '), client.redact);
	return new RequestFailedError({
		reason: explainRejection(httpCode, { code, message }),
		httpCode,
		retryAfter: headers['retry-after'],
		serverTime: parseHttpDate(headers.date),
		...(detail !== undefined && { detail }),
	});
}

function explainRejection(status: number, { code = '', message = '' }: StoreError): ReasonName {
	if (TRANSIENT_CODES.has(code)) return 'storeUnavailable';
	if (code === 'NoSuchUpload') return 'uploadNotFound';
	if (EXPIRED_CODES.has(code) && /expired/i.test(message)) return 'linkExpired';
	if (status === 416) return 'rangeRejected';
	// A proxy or an old store may give no code.
	if (status === 403 && code === '') return 'linkExpired';
	return status >= 500 || status === 408 || status === 429 ? 'storeUnavailable' : 'storeRejected';
}
