import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import type { Authentication } from '../../../credentials/authentication/authorization';
import {
	getAuthentication,
	getProofSeed,
	getSecrets,
} from '../../../credentials/authentication/authorization';
import { parseEndpoint } from '../../../credentials/input';
import type { Redact } from '../errors/redact';
import { createRedactor } from '../errors/redact';
import { CircuitBreaker } from './circuitBreaker';
import type { Clock } from './clock';
import { getErrorCode, toNetworkFailure } from './networkError';
import type { Attempt, KooDriveRequest } from './request';
import { toHttpRequestOptions } from './request';
import type { HttpResponse } from './response';
import { readResponse } from './response';
import { readBody } from './responseBody';
import type { AttemptResult } from './result';
import { failed } from './result';
import { ServerClock } from './serverClock';
import { CANCELED, TIMED_OUT, withTimeout } from './timeout';

/** Authenticates a request and sends it, once; throws only where there is no response. */
export type SendHttp = (
	options: IHttpRequestOptions,
	abortSignal: AbortSignal,
) => Promise<HttpResponse>;

/** KooDrive as one credential reaches it, and what the requests with that credential share. */
export class KooDriveClient {
	/** Without a slash at its end. */
	readonly endpoint: string;

	readonly authentication: Authentication;

	/** Removes the credential's secrets from a text. */
	readonly redact: Redact;

	readonly serverClock: ServerClock;

	readonly circuitBreaker: CircuitBreaker;

	/** What the proof code of an upload is derived from: a hash of the user or of the token, so no secret. */
	readonly proofSeed: string;

	/** The user's ID on KooDrive. */
	readonly userId: string;

	/**
	 * @param credential the fields of a KooDrive API credential
	 * @throws UserError when the credential's endpoint isn't valid
	 */
	constructor(
		credential: ICredentialDataDecryptedObject,
		clock: Clock,
		private readonly sendHttp: SendHttp,
	) {
		this.endpoint = parseEndpoint(credential.endpoint);
		this.authentication = getAuthentication(credential);
		this.redact = createRedactor(getSecrets(credential));
		this.serverClock = new ServerClock(clock);
		this.circuitBreaker = new CircuitBreaker(clock);
		this.proofSeed = getProofSeed(credential);
		this.userId = String(credential.userId ?? '').trim();
	}

	/**
	 * Sends one request to KooDrive, once, and reads the response.
	 *
	 * @returns KooDrive's response, or why there is none; it never throws
	 * Source: KooDrive API Reference, "Authentication-related Request Headers".
	 */
	async sendAttempt(request: KooDriveRequest, attempt: Attempt): Promise<AttemptResult> {
		const { timeout, cancelSignal } = attempt;
		let response: HttpResponse | undefined;
		try {
			return await withTimeout(timeout, cancelSignal, async (signal) => {
				const options = toHttpRequestOptions(this.endpoint, request, attempt);
				response = await this.sendHttp(options, signal);
				const body = await readBody(response.body);
				return readResponse(response, body, this, request.codeMayBeText);
			});
		} catch (error) {
			if (error !== TIMED_OUT && error !== CANCELED) return this.toFailure(error, response);
			closeConnection(response);
			return error === TIMED_OUT
				? failed('responseTimeout', { detail: `${timeout} ms` })
				: failed('canceled');
		}
	}

	private toFailure(error: unknown, response: HttpResponse | undefined): AttemptResult {
		if (response === undefined) return toNetworkFailure(error, this.redact);
		const { statusCode: httpCode } = response;
		return failed('responseTruncated', { httpCode, detail: getErrorCode(error) });
	}
}

/** Not every helper of n8n's obeys a signal, and a connection that isn't read stays open. */
function closeConnection(response: HttpResponse | undefined): void {
	if (typeof response?.body === 'object') response.body.destroy();
}
