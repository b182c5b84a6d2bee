import type { Connection } from '../transport/connection';
import type { KooDriveRequest } from '../transport/request';
import { sendRequest } from '../transport/sendRequest';
import type { CallOutcome, RetryPolicy, Shared } from './retry';
import { callWithRetries } from './retry';

/**
 * Sends a request to KooDrive, with all its retries.
 *
 * @param connection how to reach KooDrive
 * @param request what to send; whether it is idempotent bounds how it may be repeated
 * @param policy how often it may be sent, and the timeout of each try in milliseconds
 * @param shared what the calls of the execution share
 * @returns what came of it; it never throws
 */
export async function sendWithRetries(
	connection: Connection,
	request: KooDriveRequest,
	policy: Omit<RetryPolicy, 'idempotent'>,
	shared: Shared,
): Promise<CallOutcome> {
	return await callWithRetries(
		async (attempt) => await sendRequest(connection, request, attempt),
		{ ...policy, idempotent: request.idempotent },
		shared,
	);
}
