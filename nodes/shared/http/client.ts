import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestOptions,
} from 'n8n-workflow';

import type { Authentication } from '../../../credentials/authentication/authorization';
import {
	authenticateRequest,
	getAuthentication,
	getProofSeed,
	getSecrets,
} from '../../../credentials/authentication/authorization';
import { parseEndpoint } from '../../../credentials/input';
import { getReason } from '../errors/reasons';
import type { Redact } from '../errors/redact';
import { createRedactor } from '../errors/redact';
import type { Attempts } from '../errors/failure';
import { RequestFailedError } from '../errors/failure';
import { CircuitBreaker } from './circuitBreaker';
import type { Clock } from './clock';
import { CANCELED, TIMED_OUT, withTimeout } from './clock';
import { parseRetryAfter } from './httpDate';
import { UNLIMITED } from './limiter';
import { getErrorCode, toNetworkFailure } from './networkError';
import type { Attempt, AttemptResult, KooDriveRequest } from './request';
import { failed, toHttpRequestOptions } from './request';
import type { HttpResponse } from './response';
import { readResponse } from './response';
import { closeConnection, readBody } from './responseBody';
import type { RequestOptions } from './retry';
import { ATTEMPT_TIMEOUT, DEADLINE, decideNextStep, getBackoff, getObstacle } from './retry';
import { RequestClock, ServerClock } from './serverClock';

/** Authenticates a request and sends it, once; throws only where there is no response. */
export type SendHttp = (
	options: IHttpRequestOptions,
	abortSignal: AbortSignal,
) => Promise<HttpResponse>;

/** A request that KooDrive carried out. */
export interface KooDriveResponse {
	/** The whole JSON object, with a `code` of 0. */
	body: IDataObject;
	/** The Date header, as it came. */
	date?: unknown;
	attempts: Attempts;
}

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
	 * @throws UserError when the credential isn't complete or valid
	 */
	constructor(
		credential: ICredentialDataDecryptedObject,
		private readonly clock: Clock,
		private readonly sendHttp: SendHttp,
	) {
		this.endpoint = parseEndpoint(credential.endpoint);
		authenticateRequest(credential, { url: this.endpoint }, 0);
		this.authentication = getAuthentication(credential);
		this.redact = createRedactor(getSecrets(credential));
		this.serverClock = new ServerClock(clock);
		this.circuitBreaker = new CircuitBreaker(clock);
		this.proofSeed = getProofSeed(credential);
		this.userId = String(credential.userId ?? '').trim();
	}

	/**
	 * Sends a request until it succeeds, fails for good, or may not be sent again: exponential backoff with equal
	 * jitter, `Retry-After` honored, everything within the deadline.
	 *
	 * @throws RequestFailedError with the last attempt's failure, and what is known of all attempts
	 */
	async request(request: KooDriveRequest, options: RequestOptions = {}): Promise<KooDriveResponse> {
		const { clock } = this;
		const { timeout = ATTEMPT_TIMEOUT, maxAttempts = Infinity, deadline = DEADLINE } = options;
		const { signal, stopSignal = signal, place = UNLIMITED, circuitBreaker } = options;
		const endsAt = clock.monotonic() + deadline;
		const requestClock = new RequestClock(this.serverClock);
		const attempts: Attempts = { count: 0, outcomeUnknown: false, startedAt: 0 };
		for (;;) {
			attempts.count++;
			attempts.startedAt = clock.monotonic();
			const signingTime = requestClock.getSigningTime();
			const result = await this.sendAttempt(request, {
				signingTime,
				timeout: Math.max(1, Math.floor(Math.min(timeout, endsAt - attempts.startedAt))),
				cancelSignal: signal,
			});
			circuitBreaker?.record(result, attempts.startedAt);
			const verdict = requestClock.learn(signingTime, result);
			if (result.ok) return { body: result.body, date: result.date, attempts };

			const { failure } = result;
			const serverTime = failure.serverTime ?? requestClock.now();
			const next = decideNextStep({
				failure,
				verdict,
				attempt: attempts.count,
				maxAttempts,
				timeout,
				idempotent: request.idempotent,
				deadline,
				timeLeft: endsAt - clock.monotonic(),
				requested: parseRetryAfter(failure.retryAfter, serverTime) ?? 0,
				backoff: getBackoff(attempts.count, clock),
			});
			if ('stop' in next) {
				throw new RequestFailedError(next.stop, { ...attempts, gaveUp: next.gaveUp });
			}
			if (next.retryIn > 0) {
				const timeUntilOpen = circuitBreaker?.getTimeUntilOpen() ?? Infinity;
				const wait = Math.min(next.retryIn, Math.max(0, timeUntilOpen));
				const isStopped = await place
					.releaseDuring(async () => await clock.sleep(wait, stopSignal), endsAt)
					.then(
						() => false,
						() => true,
					);
				if (isStopped) throw new RequestFailedError({ reason: 'canceled' }, attempts);
			}
			const gaveUp = getObstacle(circuitBreaker, deadline, endsAt - clock.monotonic());
			if (gaveUp !== undefined) throw new RequestFailedError(failure, { ...attempts, gaveUp });
			attempts.outcomeUnknown ||= getReason(failure.reason).mayHaveExecuted;
		}
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
				return readResponse(response, body, this, request);
			});
		} catch (error) {
			if (error !== TIMED_OUT && error !== CANCELED) return this.toFailure(error, response);
			if (response !== undefined) closeConnection(response);
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
