import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	ILoadOptionsFunctions,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { SendPage } from '../api/pages';
import type { ReasonMessages } from '../errors/describeFailure';
import { describeFailure } from '../errors/describeFailure';
import type { Failure } from '../errors/failure';
import { toNodeApiError } from '../errors/nodeError';
import { onFailure } from '../errors/failure';
import { KooDriveClient } from '../http/client';
import { systemClock } from '../http/clock';
import { CREDENTIAL_TYPE, sendFromNode } from '../http/n8nHttp';

/** The user waits for the list. */
const FEW_ATTEMPTS = { maxAttempts: 3, timeout: 10_000 };

/** All requests for one list end within this many milliseconds. */
const TOTAL_TIME = 20_000;

const INSTEAD = "You can also select 'By ID' and enter the ID.";

/** What some reasons mean for a list, which has neither options nor an execution. */
const LIST_MESSAGES: ReasonMessages = {
	invalidInput: { description: 'Open the KooDrive API credential and correct it.' },
	responseTimeout: { description: 'Open the list again.' },
	rateLimited: { description: 'Wait a moment, then open the list again.' },
	parameterRejected: {
		description: "Check 'User ID' in the KooDrive API credential, then open the list again.",
	},
	responseIncomplete: {
		message: "KooDrive reported success, but didn't return a list",
		description: 'Open the list again.',
	},
	pageRepeated: { description: 'Open the list again.' },
};

/**
 * Prepares the requests for one list, with the credential of the node and few retries.
 *
 * @param headline what can't be done if that fails, for example `The devices can't be listed`
 * @throws NodeApiError when the credential's endpoint isn't valid
 * @throws NodeOperationError when the node has no credential
 */
export async function startList(
	context: ILoadOptionsFunctions,
	headline: string,
): Promise<SendPage> {
	const data = await context.getCredentials<ICredentialDataDecryptedObject>(CREDENTIAL_TYPE);
	const client = createClient(context, data, headline);
	const signal = AbortSignal.timeout(TOTAL_TIME);
	const { circuitBreaker } = client;
	return async function sendForList(request) {
		return await client.request(request, { ...FEW_ATTEMPTS, signal, circuitBreaker }).catch(
			onFailure((error) => {
				if (error.failure.reason !== 'canceled') throw error;
				throw error.with({ failure: { reason: 'responseTimeout', detail: `${TOTAL_TIME} ms` } });
			}),
		);
	};
}

function createClient(
	context: ILoadOptionsFunctions,
	data: ICredentialDataDecryptedObject,
	headline: string,
): KooDriveClient {
	try {
		return new KooDriveClient(data, systemClock, sendFromNode(context, data));
	} catch (error) {
		const detail = error instanceof UserError ? error.message : undefined;
		throw toListError(context, { reason: 'invalidInput', detail }, headline);
	}
}

/**
 * Reads the entries of a list.
 *
 * @param read throws RequestFailedError when a request fails
 * @throws NodeApiError then; the editor shows its message in place of the list
 */
export async function readEntries(
	context: ILoadOptionsFunctions,
	headline: string,
	read: () => Promise<IDataObject[]>,
): Promise<IDataObject[]> {
	return await read().catch(
		onFailure(({ failure }) => {
			throw toListError(context, failure, headline);
		}),
	);
}

function toListError(context: ILoadOptionsFunctions, failure: Failure, headline: string): Error {
	const report = describeFailure(failure, headline, LIST_MESSAGES);
	return toNodeApiError(context.getNode(), {
		...report,
		description: `${report.description} ${INSTEAD}`,
	});
}

/**
 * @param filter what the user typed into the list's search field
 * @returns whether each word of it is found in the name, in whatever case
 */
export function matchesFilter(name: string, filter = ''): boolean {
	const words = filter.toLowerCase().split(/[\s,]+/);
	return words.every((word) => name.toLowerCase().includes(word));
}
