import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { reportFailure } from './failures/words';
import type { Clock } from './retry/clock';
import { systemClock } from './retry/clock';
import { Outage } from './retry/outage';
import { sendWithRetries } from './retry/sendWithRetries';
import { ServerClock } from './retry/serverClock';
import type { Connection } from './transport/connection';
import { connectTest } from './transport/connection';
import type { KooDriveRequest } from './transport/request';

/** A read, and of one record at the most: the test must change nothing. */
const LIST_ONE_RECORD: KooDriveRequest = {
	method: 'GET',
	path: '/koodrive/ose/v1/backup/record',
	query: [
		['moduleCode', '100'],
		['pageSize', '1'],
	],
	idempotent: true,
};

/** Somebody waits for it in front of the screen. */
const ONE_TRY = { maxTries: 1, timeout: 10_000 };

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
	clock: Clock,
): Promise<INodeCredentialTestResult> {
	let connection: Connection;
	try {
		connection = connectTest(context, credential.data ?? {});
	} catch (error) {
		return { status: 'Error', message: error instanceof Error ? error.message : String(error) };
	}
	const outcome = await sendWithRetries(connection, LIST_ONE_RECORD, ONE_TRY, {
		clock,
		serverClock: new ServerClock(clock),
		outage: new Outage(clock),
		cancelSignal: undefined,
	});
	if (outcome.ok) return { status: 'OK', message: 'KooDrive accepts this credential' };
	const { message, description } = reportFailure(outcome.failure, 'The test failed');
	return { status: 'Error', message: `${message}. ${description}` };
}

/** What n8n calls when somebody tests a credential, as each node that uses it offers it. */
export const credentialTest = {
	async kooDriveApiTest(
		this: ICredentialTestFunctions,
		credential: ICredentialsDecrypted,
	): Promise<INodeCredentialTestResult> {
		return await testCredential(this, credential, systemClock);
	},
};
