import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	IExecuteFunctions,
	IHttpRequestOptions,
} from 'n8n-workflow';

import type { Authentication } from '../../../credentials/authentication/authorization';
import {
	authenticateRequest,
	authenticationOf,
	secretValues,
} from '../../../credentials/authentication/authorization';
import { parseEndpoint } from '../../../credentials/wire/endpoint';
import type { Redact } from '../failures/redact';
import { redactor } from '../failures/redact';
import type { HttpAnswer } from './answer';

/** How to reach KooDrive: the same for all the calls of an execution. */
export interface Connection {
	/** Without a slash at its end. */
	endpoint: string;
	authentication: Authentication;
	/** Takes the credential's secrets out of a text. */
	redact: Redact;
	/** Authenticates a request and sends it, once. */
	send: (options: IHttpRequestOptions, signal: AbortSignal) => Promise<HttpAnswer>;
}

const CREDENTIAL_TYPE = 'kooDriveApi';

/**
 * Connects a node that is run with KooDrive, by the credential that the user chose for it. The credential is
 * decrypted once: n8n would otherwise read it from its database again for each request.
 *
 * @param context n8n's view of the node that is run
 * @returns the connection
 * @throws UserError when the credential's endpoint cannot be used
 * @throws NodeOperationError when the node has no credential
 */
export async function connect(context: IExecuteFunctions): Promise<Connection> {
	const data = await context.getCredentials(CREDENTIAL_TYPE);
	// n8n takes nothing of it but its data.
	const credentialsDecrypted = { id: '', name: '', type: CREDENTIAL_TYPE, data };
	return {
		...commonOf(data),
		send: async (options, signal) =>
			(await context.helpers.httpRequestWithAuthentication.call(
				withCancelSignal(context, signal),
				CREDENTIAL_TYPE,
				options,
				{ credentialsDecrypted },
			)) as HttpAnswer,
	};
}

/**
 * Connects the test of a credential with KooDrive.
 *
 * @param context n8n's view of a credential that is tested
 * @param data the fields of the credential, as they stand in the dialog
 * @returns the connection
 * @throws UserError when the credential's endpoint cannot be used
 */
export function connectTest(
	context: ICredentialTestFunctions,
	data: ICredentialDataDecryptedObject,
): Connection {
	return {
		...commonOf(data),
		send: async (options) =>
			(await context.helpers.request({
				// The X-Date is set already, so no clock is asked for one.
				...authenticateRequest(data, options, 0),
				// The only helper of a credential test is n8n's older one, with names of its own.
				simple: false,
				resolveWithFullResponse: true,
				followRedirect: false,
				json: false,
				useStream: true,
			})) as HttpAnswer,
	};
}

function commonOf(data: ICredentialDataDecryptedObject): Omit<Connection, 'send'> {
	return {
		endpoint: parseEndpoint(data.endpoint),
		authentication: authenticationOf(data),
		redact: redactor(secretValues(data)),
	};
}

/** n8n's helper takes no signal but the one its context names, so the context names ours. */
function withCancelSignal(context: IExecuteFunctions, signal: AbortSignal): IExecuteFunctions {
	return Object.create(context, {
		getExecutionCancelSignal: { value: () => signal },
	}) as IExecuteFunctions;
}
