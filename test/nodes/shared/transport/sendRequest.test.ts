import type { IHttpRequestOptions } from 'n8n-workflow';

import type { Connection } from '../../../../dist/nodes/shared/transport/connection';
import type { KooDriveRequest } from '../../../../dist/nodes/shared/transport/request';
import { sendRequest } from '../../../../dist/nodes/shared/transport/sendRequest';

const sent: IHttpRequestOptions[] = [];
const connection: Connection = {
	endpoint: 'https://koodrive.example',
	authentication: 'accessToken',
	redact: (text) => text,
	send: async (options) => {
		sent.push(options);
		return await new Promise(() => undefined);
	},
};
const attempt = { signingTime: '20251103T070140Z', timeout: 60_000 };
const renewal: KooDriveRequest = { method: 'PATCH', path: '/lock', idempotent: true };

/** Sends the request, and stops before any answer. */
async function sendAndStop(request: KooDriveRequest) {
	const cancel = new AbortController();
	const result = sendRequest(connection, request, { ...attempt, cancelSignal: cancel.signal });
	cancel.abort();
	return await result;
}

test('a call that is stopped failed for that and nothing else', async () => {
	expect(await sendAndStop(renewal)).toEqual({ ok: false, failure: { reason: 'stopped' } });
});

test.each<[string, KooDriveRequest, boolean]>([
	['with a body says of what type it is', { ...renewal, body: { a: 1 } }, true],
	['without a body names no type', renewal, false],
])('a request %s', async (_what, request, hasType) => {
	await sendAndStop(request);
	const { headers, body } = sent.at(-1)!;
	expect(headers).toHaveProperty('X-Date', attempt.signingTime);
	expect('Content-Type' in headers!).toBe(hasType);
	expect(body).toBe(hasType ? '{"a":1}' : undefined);
});
