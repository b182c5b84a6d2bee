import type {
	ICredentialsDecrypted,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
} from 'n8n-workflow';

import type { Authentication, HttpAnswer } from './answer';
import { judgeAnswer } from './answer';
import { networkFailure } from './networkFailure';
import type { Redact } from '../failures/redact';
import type { CallResult } from './result';
import { failed } from './result';
import { withTimeout } from './withTimeout';

/** What an operation wants KooDrive to do. */
export interface KooDriveRequest {
	method: IHttpRequestMethods;
	/** The absolute path below the endpoint. */
	path: string;
	/** The value of the `x-backup-lock-id` header. */
	lockId?: string;
	/** Sent as JSON. */
	body?: IDataObject;
}

/** How to reach KooDrive: the same for all the calls of an execution. */
export interface Connection {
	context: IExecuteFunctions;
	/** Without a slash at its end. */
	endpoint: string;
	/** Decrypted once: n8n would otherwise read it from its database again for each request. */
	credential: ICredentialsDecrypted;
	authentication: Authentication;
	redact: Redact;
	/** The server's now as far as it is known: milliseconds since the Unix epoch. */
	now: () => number;
}

/** What differs from one try of a call to the next. */
export interface Try {
	/** The X-Date header. */
	signingTime: string;
	/** Milliseconds until the answer must have arrived completely. */
	timeout: number;
}

/**
 * Sends one request to KooDrive, once, through n8n's own helper, and judges what comes back.
 *
 * @param connection how to reach KooDrive
 * @param request what to send
 * @param attempt the signing time, and the timeout in milliseconds
 * @returns the answer, or why there is none; it never throws
 * Source: KooDrive API Reference, "Authentication-related Request Headers" and "Backup Lock Renewal".
 */
export async function sendRequest(
	connection: Connection,
	request: KooDriveRequest,
	attempt: Try,
): Promise<CallResult> {
	const { context, credential, authentication, redact, now } = connection;
	const options = httpRequestOptions(connection.endpoint, request, attempt);
	const cancelSignal = context.getExecutionCancelSignal();
	const timed = await withTimeout(
		attempt.timeout,
		cancelSignal,
		async (signal) =>
			(await context.helpers.httpRequestWithAuthentication.call(
				withCancelSignal(context, signal),
				credential.type,
				options,
				// Even a 401 that was cut short would make n8n send the request again.
				{ credentialsDecrypted: credential, preAuthenticationRetryStatusCode: [] },
			)) as HttpAnswer,
	);
	switch (timed.how) {
		case 'finished':
			return judgeAnswer(timed.value, { authentication, redact, now: now() });
		case 'timedOut':
			return failed('timedOut', { detail: `${attempt.timeout} ms` });
		case 'stopped':
			return failed('stopped');
		case 'threw':
			return networkFailure(timed.error, redact);
	}
}

function httpRequestOptions(
	endpoint: string,
	{ method, path, lockId, body }: KooDriveRequest,
	{ signingTime, timeout }: Try,
): IHttpRequestOptions {
	return {
		method,
		url: endpoint + path,
		headers: {
			Accept: 'application/json',
			'X-Date': signingTime,
			...(lockId !== undefined && { 'x-backup-lock-id': lockId }),
			...(body !== undefined && { 'Content-Type': 'application/json' }),
		},
		...(body !== undefined && { body: JSON.stringify(body) }),
		timeout,
		// n8n would carry the Authorization header to whatever address a redirect names.
		disableFollowRedirect: true,
		// Every status comes back as an answer: for a 401 n8n would otherwise send the request again by itself.
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		encoding: 'text',
	};
}

/** n8n's helper takes no signal but the one its context names, so the context names ours. */
function withCancelSignal(context: IExecuteFunctions, signal: AbortSignal): IExecuteFunctions {
	return Object.create(context, {
		getExecutionCancelSignal: { value: () => signal },
	}) as IExecuteFunctions;
}
