import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	IPollFunctions,
} from 'n8n-workflow';

import { authenticateRequest } from '../../../credentials/authentication/authorization';
import type { SendHttp } from './client';
import type { HttpResponse } from './response';
import { learnStreamClass } from './streams';

export const CREDENTIAL_TYPE = 'kooDriveApi';

/** Where n8n offers its HTTP helper for nodes: their executions, their polls, and the lists of their fields. */
type NodeContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/**
 * Sends with n8n's HTTP helper for nodes. It gets the decrypted credential, because n8n would otherwise read it
 * from its database again for each request.
 */
export function sendFromNode(context: NodeContext, data: ICredentialDataDecryptedObject): SendHttp {
	// n8n uses nothing of it but its data.
	const credentialsDecrypted = { id: '', name: '', type: CREDENTIAL_TYPE, data };
	return async function sendHttp(options, abortSignal) {
		const response = (await context.helpers.httpRequestWithAuthentication.call(
			withCancelSignal(context, abortSignal),
			CREDENTIAL_TYPE,
			options,
			{ credentialsDecrypted },
		)) as HttpResponse;
		learnStreamClass(response.body);
		return response;
	};
}

/** Sends with n8n's only HTTP helper for the test of a credential, an older one with other names. */
export function sendFromCredentialTest(
	context: ICredentialTestFunctions,
	data: ICredentialDataDecryptedObject,
): SendHttp {
	return async function sendHttp(options) {
		return (await context.helpers.request({
			// The X-Date is set already, so no clock is asked for one.
			...authenticateRequest(data, options, 0),
			simple: false,
			resolveWithFullResponse: true,
			followRedirect: false,
			json: false,
			useStream: true,
		})) as HttpResponse;
	};
}

/**
 * httpRequestWithAuthentication overwrites the request's abortSignal with the cancel signal of its context, so
 * that method of the context is overridden.
 */
function withCancelSignal(context: NodeContext, signal: AbortSignal): IExecuteFunctions {
	return Object.create(context, {
		getExecutionCancelSignal: { value: () => signal },
	}) as IExecuteFunctions;
}
