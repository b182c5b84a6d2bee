import isEqual from 'lodash/isEqual';
import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import { ExpressionError } from 'n8n-workflow';

import { KooDriveClient } from '../http/client';
import type { Clock } from '../http/clock';
import { CREDENTIAL_TYPE, sendFromNode } from '../http/n8nHttp';

/** Gives each item the client for its credential, which may contain expressions. */
export interface Clients {
	/**
	 * @throws UserError when the credential's endpoint isn't valid
	 * @throws NodeOperationError when the node has no credential
	 */
	getClient: (itemIndex: number) => KooDriveClient | Promise<KooDriveClient>;
}

/**
 * Resolves the node's credential. n8n reads it from its database each time, which takes longer than the rest of
 * an item, so it's resolved once for all items unless it depends on the item. Items with the same credential
 * share a client.
 *
 * @throws UserError, NodeOperationError as `getClient` where the credential is the same for all items
 */
export async function resolveClients(context: IExecuteFunctions, clock: Clock): Promise<Clients> {
	const first = await context
		.getCredentials<ICredentialDataDecryptedObject>(CREDENTIAL_TYPE, 0)
		.catch(ignoreFailedExpression);
	const clients = new Map<string, KooDriveClient>();
	const getClientFor = (credential: ICredentialDataDecryptedObject): KooDriveClient => {
		const key = JSON.stringify(credential);
		const known = clients.get(key);
		if (known !== undefined) return known;
		const client = new KooDriveClient(credential, clock, sendFromNode(context, credential));
		clients.set(key, client);
		return client;
	};
	if (first !== undefined && !(await dependsOnItem(context, first))) {
		const client = getClientFor(first);
		return { getClient: () => client };
	}
	return {
		getClient: async (itemIndex) =>
			getClientFor(await context.getCredentials(CREDENTIAL_TYPE, itemIndex)),
	};
}

/** An expression may fail for the first item alone. */
function ignoreFailedExpression(error: unknown): undefined {
	if (!(error instanceof ExpressionError)) throw error;
}

/**
 * Finds out whether the credential contains expressions that read the item. n8n doesn't tell, so it's resolved
 * for an index that notices when it's used: an expression reads the item at it, plain values don't.
 */
async function dependsOnItem(
	context: IExecuteFunctions,
	first: ICredentialDataDecryptedObject,
): Promise<boolean> {
	if (context.getInputData().length === 1) return false;
	let isRead = false;
	const index = {
		[Symbol.toPrimitive]() {
			isRead = true;
			return 0;
		},
	};
	try {
		const probed = await context.getCredentials(CREDENTIAL_TYPE, index as unknown as number);
		return isRead || !isEqual(probed, first);
	} catch {
		return true;
	}
}
