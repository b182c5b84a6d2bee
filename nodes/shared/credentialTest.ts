import upperFirst from 'lodash/upperFirst';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
	INodePropertyOptions,
} from 'n8n-workflow';

import { getAuthentication } from '../../credentials/authentication/authorization';
import { tokenFormatField } from '../../credentials/authentication/tokenFormat';
import { listOneRecord } from './api/records';
import { describeFailure } from './errors/describeFailure';
import type { Failure } from './errors/failure';
import type { ReasonName } from './errors/reasons';
import { onFailure } from './errors/failure';
import { getMessage } from './errors/text';
import { KooDriveClient } from './http/client';
import type { Clock } from './http/clock';
import { systemClock } from './http/clock';
import { sendFromCredentialTest } from './http/n8nHttp';
import { namesItsReason } from './http/response';

/** Milliseconds for the only attempt: the user waits for the result. */
const TIMEOUT = 10_000;

/** Milliseconds for the attempts with other token formats, one after another. */
const TIME_FOR_OTHER_FORMATS = 10_000;

/**
 * What KooDrive responds to an access token in the wrong format. Source: KooDrive API Reference, "Status Codes": 401
 * is "not authorized", and 400 can be "authentication failed".
 */
const MAY_BE_FORMAT: readonly ReasonName[] = ['tokenRejected', 'badRequest'];

/** The formats that can be right for any token; `raw` is for one whose scheme the user has entered. */
const STANDARD_FORMATS = ['bearerPlus', 'bearerSpace'];

/**
 * Tells whether KooDrive accepts a credential, by listing at most one backup record. n8n's own test would
 * judge the HTTP status alone, and KooDrive reports errors under HTTP 200 too. If KooDrive rejects the access
 * token, the test finds out whether it accepts the token in another format.
 *
 * @param credential as it is in the dialog
 * @returns what n8n shows in the dialog; it never throws
 */
export async function testCredential(
	context: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
	clock: Clock,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	const send = async (fields: ICredentialDataDecryptedObject, timeout: number) =>
		await tryCredential(context, { ...data, ...fields }, timeout, clock);
	let failure: Failure | undefined;
	try {
		failure = await send({}, TIMEOUT);
	} catch (error) {
		return { status: 'Error', message: getMessage(error) };
	}
	if (failure === undefined) return { status: 'OK', message: 'KooDrive accepts this credential' };

	const { message, description } = describeFailure(failure, '');
	const mayBeFormat =
		getAuthentication(data) === 'accessToken' && MAY_BE_FORMAT.includes(failure.reason);
	const cause = mayBeFormat
		? await explainToken(failure, data.tokenFormat, clock, send)
		: undefined;
	const sentences = [`${upperFirst(message)}.`, cause ?? description, checkUserId(failure, data)];
	return { status: 'Error', message: sentences.filter(Boolean).join(' ') };
}

/**
 * @returns why KooDrive doesn't accept it; `undefined` where it does
 * @throws UserError when the credential isn't complete or valid
 */
async function tryCredential(
	context: ICredentialTestFunctions,
	data: ICredentialDataDecryptedObject,
	timeout: number,
	clock: Clock,
): Promise<Failure | undefined> {
	const client = new KooDriveClient(data, clock, sendFromCredentialTest(context, data));
	return await client.request(listOneRecord(), { maxAttempts: 1, timeout }).then(
		() => undefined,
		onFailure((error) => error.failure),
	);
}

/** KooDrive doesn't promise that its user IDs are numbers, so another ID is sent, too. */
function checkUserId(
	{ httpCode }: Failure,
	{ userId }: ICredentialDataDecryptedObject,
): string | undefined {
	const isNumber = /^\d+$/.test(String(userId).trim());
	return httpCode === undefined || isNumber
		? undefined
		: "'User ID' is usually a number. A user name or an email address isn't a user ID.";
}

/**
 * Sends the token in the other formats, to the same endpoint.
 *
 * @returns what is wrong with the token, or `undefined` where that didn't become clear
 */
async function explainToken(
	{ reason }: Failure,
	tokenFormat: unknown = 'bearerPlus',
	clock: Clock,
	send: (fields: ICredentialDataDecryptedObject, timeout: number) => Promise<Failure | undefined>,
): Promise<string | undefined> {
	const deadline = clock.monotonic() + TIME_FOR_OTHER_FORMATS;
	let isRejected = reason === 'tokenRejected';
	for (const other of STANDARD_FORMATS.filter((format) => format !== tokenFormat)) {
		const timeLeft = Math.max(1, Math.floor(deadline - clock.monotonic()));
		const failure = await send({ tokenFormat: other }, timeLeft);
		// That KooDrive's own business codes come after authentication is assumed.
		if (failure === undefined || namesItsReason(failure)) {
			return `KooDrive accepts the token in another format: select '${nameFormat(other)}' in 'Token Format'.`;
		}
		isRejected &&= failure.reason === 'tokenRejected';
	}
	return isRejected
		? "KooDrive rejects it in every 'Token Format', so the token has expired or is wrong. Access tokens expire after 20 minutes of inactivity. Enter a new token."
		: undefined;
}

function nameFormat(format: string): string {
	const options = tokenFormatField.options as INodePropertyOptions[];
	return options.find(({ value }) => value === format)?.name ?? format;
}

/** What n8n calls when a user tests a credential; each node that uses the credential offers it. */
export const credentialTest = {
	async kooDriveApiTest(
		this: ICredentialTestFunctions,
		credential: ICredentialsDecrypted,
	): Promise<INodeCredentialTestResult> {
		return await testCredential(this, credential, systemClock);
	},
};
