import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import {
	authenticateRequest,
	authenticationOf,
	secretValues,
} from '../../credentials/authentication/authorization';
import { parseEndpoint } from '../../credentials/wire/endpoint';
import { formatSigningTime } from '../../credentials/authentication/signingTime';
import type { HttpAnswer } from './transport/answer';
import { judgeAnswer } from './transport/answer';
import type { Clock } from './retry/clock';
import { reportFailure } from './failures/failure';
import { networkFailure } from './transport/networkFailure';
import { redactor } from './failures/redact';
import type { Failure } from './transport/result';
import { failed } from './transport/result';
import { isOutsideItsLife } from './retry/serverClock';
import { withTimeout } from './transport/withTimeout';

const TIMEOUT = 10_000;

/** A read: the test must change nothing. */
const LIST_ONE_RECORD = '/koodrive/ose/v1/backup/record?moduleCode=100&pageSize=1';

/**
 * Tells whether KooDrive accepts a credential, by listing at most one backup record. n8n's own test would
 * judge the HTTP status alone, and KooDrive reports errors under HTTP 200 too.
 *
 * @param context n8n's view of a credential that is tested
 * @param credential the credential, as it stands in the dialog
 * @param clock the machine's time
 * @returns what n8n shows in the dialog; it never throws
 * Source: KooDrive API Reference, "Listing Backup Records".
 */
export async function testCredential(
	context: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
	clock: Pick<Clock, 'now'>,
): Promise<INodeCredentialTestResult> {
	const fields = credential.data ?? {};
	let options: IHttpRequestOptions;
	const signingTime = formatSigningTime(clock.now());
	try {
		options = authenticateRequest(
			fields,
			{
				method: 'GET',
				url: parseEndpoint(fields.endpoint) + LIST_ONE_RECORD,
				headers: { Accept: 'application/json', 'X-Date': signingTime },
			},
			clock.now(),
		);
	} catch (error) {
		return { status: 'Error', message: error instanceof Error ? error.message : String(error) };
	}
	const failure = await sendTest(context, fields, options, clock);
	if (failure === undefined) return { status: 'OK', message: 'KooDrive accepts this credential' };
	const isClockOff =
		failure.serverTime !== undefined && isOutsideItsLife(signingTime, failure.serverTime);
	const { message, description } = reportFailure(
		isClockOff ? { ...failure, reason: 'clockOff' } : failure,
		'The test failed',
	);
	return { status: 'Error', message: `${message}. ${description}` };
}

async function sendTest(
	context: ICredentialTestFunctions,
	fields: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
	clock: Pick<Clock, 'now'>,
): Promise<Failure | undefined> {
	const redact = redactor(secretValues(fields));
	const timed = await withTimeout(
		TIMEOUT,
		undefined,
		async () =>
			(await context.helpers.request({
				...options,
				// The only helper of a credential test is n8n's older one, with names of its own.
				simple: false,
				resolveWithFullResponse: true,
				followRedirect: false,
				json: false,
				timeout: TIMEOUT,
			})) as HttpAnswer,
	);
	const judge = { authentication: authenticationOf(fields), redact, now: clock.now() };
	const result =
		timed.how === 'finished'
			? judgeAnswer(timed.value, judge)
			: timed.how === 'threw'
				? networkFailure(timed.error, redact)
				: failed('timedOut', { detail: `${TIMEOUT} ms` });
	return result.ok ? undefined : result.failure;
}
