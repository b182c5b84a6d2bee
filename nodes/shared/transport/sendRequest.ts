import { judgeAnswer } from './answer';
import type { HttpAnswer } from './answer';
import { readBody } from './body';
import type { Connection } from './connection';
import { codeOf, networkFailure } from './networkFailure';
import type { KooDriveRequest, Try } from './request';
import { httpRequestOptions } from './request';
import type { CallResult } from './result';
import { failed } from './result';
import { withTimeout } from './withTimeout';

/**
 * Sends one request to KooDrive, once, through n8n's own helper, and judges what comes back.
 *
 * @param connection how to reach KooDrive
 * @param request what to send
 * @param attempt the signing time, the timeout in milliseconds, and what ends it early
 * @returns the answer, or why there is none; it never throws
 * Source: KooDrive API Reference, "Authentication-related Request Headers".
 */
export async function sendRequest(
	connection: Connection,
	request: KooDriveRequest,
	attempt: Try,
): Promise<CallResult> {
	const options = httpRequestOptions(connection.endpoint, request, attempt);
	const { timeout, cancelSignal } = attempt;
	let received: HttpAnswer | undefined;
	const timed = await withTimeout(timeout, cancelSignal, async (signal) => {
		received = await connection.send(options, signal);
		return judgeAnswer(received, await readBody(received.body), connection);
	});
	if (timed.how === 'finished') return timed.value;
	if (timed.how !== 'threw') close(received);
	switch (timed.how) {
		case 'timedOut':
			return failed('timedOut', { detail: `${timeout} ms` });
		case 'stopped':
			return failed('stopped');
		case 'threw':
			return received === undefined
				? networkFailure(timed.error, connection.redact)
				: failed('answerCutShort', { httpCode: received.statusCode, detail: codeOf(timed.error) });
	}
}

/** Not every helper of n8n's heeds a signal, and a connection that nobody reads stays open. */
function close(received: HttpAnswer | undefined): void {
	if (typeof received?.body === 'object') received.body.destroy();
}
