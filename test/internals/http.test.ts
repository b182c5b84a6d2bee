import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import fc from 'fast-check';
import { Settings } from 'luxon';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { createRedactor } from '#dist/nodes/shared/errors/redact';
import { readResponse } from '#dist/nodes/shared/http/response';
import type { ResponseBody } from '#dist/nodes/shared/http/responseBody';
import { MAX_BODY_SIZE, readBody } from '#dist/nodes/shared/http/responseBody';
import { KooDriveClient } from '#dist/nodes/shared/http/client';
import { CANCELED, systemClock, TIMED_OUT, withTimeout } from '#dist/nodes/shared/http/clock';
import { parseHttpDate, parseRetryAfter } from '#dist/nodes/shared/http/httpDate';
import { getErrorCode, toNetworkFailure } from '#dist/nodes/shared/http/networkError';
import { parseJson } from '#dist/nodes/shared/http/json';
import type { KooDriveRequest } from '#dist/nodes/shared/http/request';

describe('a response', () => {
	const judge = { authentication: 'accessToken', redact: createRedactor([]) } as const;
	const judged = (statusCode: number, text: string, headers = {}, isTooLong = false) =>
		readResponse({ statusCode, headers, body: undefined }, { text, isTooLong }, judge);
	const failureOf = (...given: Parameters<typeof judged>) => {
		const result = judged(...given);
		if (result.ok) throw new Error('it was a success');
		return result.failure;
	};

	test.each([200, 201, 299])('is a success with code 0 and HTTP %d', (status) => {
		expect(judged(status, '{"code":0}')).toEqual({
			ok: true,
			body: { code: 0 },
			date: undefined,
		});
	});

	test.each([199, 300, 302])('is no success with HTTP %d, whatever its code', (status) => {
		expect(judged(status, '{"code":0}')).toMatchObject({ ok: false });
	});

	test.each([300, 399])('is a redirect with HTTP %d', (status) => {
		expect(judged(status, '{"code":0}')).toMatchObject({
			failure: { reason: 'redirected' },
		});
	});

	test.each([
		[400, 'rejected'],
		[401, 'tokenRejected'],
		[403, 'forbidden'],
		[404, 'pathNotFound'],
	])('with an unknown code and HTTP %d means %s', (status, reason) => {
		expect(judged(status, '{"code":7}')).toMatchObject({ failure: { reason } });
	});

	test.each(['{}', '{"code":0}', '{"code":"0"}', '{"code":"x"}', 'null', '[]', 'no', ''])(
		'is classified by its status if the body says no more: %j',
		(body) => {
			const reasons = [400, 401, 403, 404, 405].map((status) => failureOf(status, body).reason);
			expect(reasons).toEqual([
				'badRequest',
				'tokenRejected',
				'forbidden',
				'pathNotFound',
				'rejected',
			]);
		},
	);

	test.each([' ', ' \n{"code":', '{"code":0}}', '\r\n{'])('is cut short: %j', (body) => {
		expect(judged(200, body)).toMatchObject({
			failure: { reason: 'responseTruncated' },
		});
	});

	test.each([
		['\n <html>', 'a web page instead of JSON'],
		[' []', 'a JSON list instead of an object'],
		[' {}', 'JSON without an integer "code"'],
		['OK', 'not a JSON object'],
		['null', 'not a JSON object'],
		['"OK"', 'not a JSON object'],
		['0', 'not a JSON object'],
	])('%j is rejected as %s', (body, detail) => {
		expect(judged(200, body)).toMatchObject({
			failure: { reason: 'notKooDrive', detail },
		});
	});

	test.each(['', 'x'.repeat(300)])('is quoted with its message unless that is empty', (msg) => {
		const { msg: quoted } = failureOf(400, JSON.stringify({ code: 7, msg }));
		expect(quoted).toBe(msg === '' ? undefined : msg);
	});

	test('is quoted with at most 300 characters', () => {
		const { msg } = failureOf(400, JSON.stringify({ code: 7, msg: 'x'.repeat(5000) }));
		expect(msg).toBe(`${'x'.repeat(300)}…`);
	});

	test('is quoted without a message that is not text', () => {
		expect(judged(400, '{"code":7,"msg":{}}')).toMatchObject({
			failure: { code: 7, msg: undefined },
		});
	});

	test.each([
		['"13000309"', 'notFound', 13000309],
		['"13999999"', 'rejected', 13999999],
	])("may contain KooDrive's code as text: %s", (code, reason, number) => {
		expect(judged(400, `{"code":${code},"msg":"m"}`)).toMatchObject({
			failure: { reason, code: number, msg: 'm' },
		});
	});

	test.each(['"13000309x"', '"x13000309"', '"013000309"', '[13000309]', '1.5'])(
		'is not quoted if its code is not an integer: %s',
		(code) => {
			const failure = failureOf(400, `{"code":${code},"msg":"m"}`);
			expect(failure).toEqual({ reason: 'badRequest', httpCode: 400 });
		},
	);

	test.each([
		[400, 'a firewall of the network'],
		[401, 'a sign-in page'],
		[403, 'a firewall'],
		[404, 'another server'],
	])('that is a web page with HTTP %d comes from %s, not from KooDrive', (status) => {
		expect(judged(status, ' <!doctype html>')).toMatchObject({
			failure: { reason: 'notKooDrive', detail: 'a web page instead of JSON' },
		});
	});

	test('with HTTP 407 comes from a proxy, whatever its body', () => {
		expect(judged(407, '{"code":13000410}')).toMatchObject({
			failure: { reason: 'proxyRejected' },
		});
	});

	test.each([
		[425, 'unavailable'],
		[507, 'unavailable'],
		...Array.from({ length: 11 }, (_, index): [number, string] => [520 + index, 'badGateway']),
	])('with HTTP %d of a gateway is a transient error', (status, reason) => {
		expect(judged(status, '<html>')).toMatchObject({ failure: { reason } });
	});

	test.each([519, 531, 501])('with HTTP %d is not a transient error', (status) => {
		expect(judged(status, '')).toMatchObject({ failure: { reason: 'rejected' } });
	});

	test('that is too long is a separate error with HTTP 200 only', () => {
		expect(judged(200, '', {}, true)).toMatchObject({ failure: { reason: 'responseTooLarge' } });
		expect(judged(503, '', {}, true)).toMatchObject({ failure: { reason: 'unavailable' } });
		expect(judged(404, '', {}, true)).toMatchObject({ failure: { reason: 'pathNotFound' } });
	});

	test('is quoted in one line without control characters', () => {
		const msg = '\u001b[31mred\r\nline\u202e\ud800 end\u0000';
		expect(failureOf(400, JSON.stringify({ code: 7, msg })).msg).toBe('[31mred line \ufffd end');
	});

	test('is not cut in the middle of a composed character', () => {
		const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
		const msg = `${'x'.repeat(297)}${family} and more`;
		expect(failureOf(400, JSON.stringify({ code: 7, msg })).msg).toBe(`${'x'.repeat(297)}…`);
	});

	test('is redacted in names and values', () => {
		const result = readResponse(
			{ statusCode: 200, headers: {}, body: undefined },
			{ text: '{"code":0,"a-secret-token":[{"x":"a-secret-token"}]}', isTooLong: false },
			{ ...judge, redact: createRedactor(['a-secret-token']) },
		);
		expect(result).toMatchObject({ body: { '***': [{ x: '***' }] } });
	});

	test('keeps its Retry-After', () => {
		expect(judged(503, '', { 'retry-after': '7' })).toMatchObject({
			failure: { reason: 'unavailable', retryAfter: '7' },
		});
	});
});

describe('bodies', () => {
	test.each([
		[MAX_BODY_SIZE, false],
		[MAX_BODY_SIZE + 1, true],
	])('are limited, %d bytes are too long: %j', async (length, isTooLong) => {
		const body = await readBody(Readable.from([Buffer.alloc(length - 1), Buffer.alloc(1)]));
		expect(body.isTooLong).toBe(isTooLong);
		expect(body.text).toHaveLength(isTooLong ? 0 : length);
	});

	test.each<[ResponseBody, string]>([
		[undefined, ''],
		['', ''],
		['{"code":0}', '{"code":0}'],
	])('are accepted as they are if n8n has read them: %j', async (body, text) => {
		expect(await readBody(body)).toEqual({ text, isTooLong: false });
	});
});

describe('JSON with long integers', () => {
	test.each<[string, unknown]>([
		['{"id":1842862763295184641}', { id: '1842862763295184641' }],
		[
			'[-1842862763295184641 , 1842862763295184641]',
			['-1842862763295184641', '1842862763295184641'],
		],
		['{"id":9007199254740991}', { id: 9007199254740991 }],
		['{"id":9007199254740993}', { id: '9007199254740993' }],
		[
			'{"1842862763295184641":"1842862763295184641"}',
			{ '1842862763295184641': '1842862763295184641' },
		],
		['{"a":"\\"1842862763295184641\\""}', { a: '"1842862763295184641"' }],
		['{"a":1842862763295184641.5}', { a: Number('1842862763295184641.5') }],
		['{"a":1842862763295184641e3}', { a: Number('1842862763295184641e3') }],
		['{"a":0.30000000000000004}', { a: 0.30000000000000004 }],
		['{"a":-1e-0000000000000000009}', { a: -1e-9 }],
		['1842862763295184641', '1842862763295184641'],
	])('keeps all digits of %s', (text, value) => {
		expect(parseJson(text)).toEqual(value);
	});

	test.each(['{1842862763295184641:1}', '', '1842862763295184641 1842862763295184641', '{"a":'])(
		'rejects invalid JSON: %s',
		(text) => {
			expect(() => parseJson(text)).toThrow(SyntaxError);
		},
	);

	test('leaves a number that JavaScript can represent unchanged', () => {
		fc.assert(
			fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
				const isHeld = !Number.isInteger(number) || Number.isSafeInteger(number);
				const text = JSON.stringify({ number, filler: '1234567890123456' });
				if (isHeld) expect(parseJson(text)).toEqual(JSON.parse(text));
			}),
		);
	});

	test('parses any other JSON as JSON.parse does', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
				const text = JSON.stringify({ value, filler: '1234567890123456' });
				const number = JSON.stringify(value).match(/\d{16,}/);
				if (number === null) expect(parseJson(text)).toEqual(JSON.parse(text));
			}),
		);
	});
});

describe('dates in headers', () => {
	const date = Date.UTC(2025, 10, 3, 7, 1, 40);

	test('are read in all three forms of RFC 9110', () => {
		expect(parseHttpDate('Mon, 03 Nov 2025 07:01:40 GMT')).toBe(date);
		expect(parseHttpDate('Monday, 03-Nov-25 07:01:40 GMT')).toBe(date);
		expect(parseHttpDate('Mon Nov  3 07:01:40 2025')).toBe(date);
	});

	test.each([
		'Mon, 03 Nov 2025 07:01:40 UTC',
		'Mon, 03 Nov 2025 07:01:40 +0000',
		'Mon, 03 Nov 2025 07:01:40 -0000',
		'Mon, 03 Nov 2025 07:01:40 GMT, Mon, 03 Nov 2025 08:01:40 GMT',
		'Mon, 03 Nov 2025 07:01:40 GMT , Mon, 03 Nov 2025 08:01:40 GMT',
		'Mon, 03 Nov 2025 07:01:40 UTC,Mon, 03 Nov 2025 08:01:40 GMT',
		'Monday, 03-Nov-25 07:01:40 GMT, Mon, 03 Nov 2025 08:01:40 GMT',
	])('are read in the forms that servers and gateways send: %s', (value) => {
		expect(parseHttpDate(value)).toBe(date);
	});

	test.each(['Mon, 03 Nov 2025 07:01:40 +0800', 'Mon, 03 Nov 2025 07:01:40'])(
		'are ignored if their time zone is unknown: %s',
		(value) => {
			expect(parseHttpDate(value)).toBeUndefined();
		},
	);

	test('are read in any time zone of n8n', () => {
		const { defaultZone } = Settings;
		Settings.defaultZone = 'No/Such_Zone';
		try {
			expect(parseHttpDate('Mon, 03 Nov 2025 07:01:40 GMT')).toBe(date);
		} finally {
			Settings.defaultZone = defaultZone;
		}
	});

	test.each([
		undefined,
		'',
		'now',
		'2025-11-03T07:01:40Z',
		',Mon, 03 Nov 2025 07:01:40 GMT',
		42,
		[['Mon, 03 Nov 2025 07:01:40 GMT']],
	])('are not read from %j', (value) => {
		expect(parseHttpDate(value)).toBeUndefined();
	});

	test.each([
		['0', 0],
		['120', 120_000],
		['Mon, 03 Nov 2025 07:01:50 GMT', 10_000],
		['Mon, 03 Nov 2025 07:01:30 GMT', 0],
		['-1', undefined],
		['1.5', undefined],
		['soon', undefined],
		[undefined, undefined],
		[['120'], undefined],
	])('are read from Retry-After: %s means %s milliseconds', (value, wait) => {
		expect(parseRetryAfter(value, date)).toBe(wait);
	});
});

describe('network errors', () => {
	const redact = createRedactor(['a-secret-token']);

	function getReason(error: unknown): unknown {
		const result = toNetworkFailure(error, redact);
		return result.ok ? undefined : result.failure;
	}

	/** The certificate errors of OpenSSL, as Node.js names them. */
	const CERTIFICATE_ERRORS = [
		'CERT_CHAIN_TOO_LONG',
		'CERT_HAS_EXPIRED',
		'CERT_NOT_YET_VALID',
		'CERT_REJECTED',
		'CERT_REVOKED',
		'CERT_SIGNATURE_FAILURE',
		'CERT_UNTRUSTED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		'HOSTNAME_MISMATCH',
		'INVALID_CA',
		'INVALID_PURPOSE',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_GET_ISSUER_CERT',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	];

	test.each([
		['ECONNREFUSED', 'connectionRefused'],
		['ECONNRESET', 'connectionReset'],
		['EPIPE', 'connectionReset'],
		['ECONNABORTED', 'responseTimeout'],
		['ETIMEDOUT', 'responseTimeout'],
		['EAI_AGAIN', 'dnsLookupFailed'],
		['EAI_FAIL', 'dnsLookupFailed'],
		['ENOTFOUND', 'hostNotFound'],
		['EHOSTUNREACH', 'hostUnreachable'],
		['ENETUNREACH', 'hostUnreachable'],
		['ENETDOWN', 'hostUnreachable'],
		['EADDRNOTAVAIL', 'hostUnreachable'],
		['EPROTO', 'tlsFailed'],
		['ERR_BAD_RESPONSE', 'responseTruncated'],
		...CERTIFICATE_ERRORS.map((code) => [code, 'certificateUntrusted']),
	])('maps %s, at any depth, to %s', (code, reason) => {
		const inner = Object.assign(new Error('x'), { code });
		const nested = new Error('n8n', { cause: new Error('axios', { cause: inner }) });
		const several = new Error('n8n', { cause: new AggregateError([new Error('other'), inner]) });
		for (const error of [inner, nested, several]) {
			expect(getReason(error)).toEqual({ reason, detail: code });
		}
	});

	test('distinguishes a timeout while connecting', () => {
		const error = Object.assign(new Error('x'), { code: 'ETIMEDOUT', syscall: 'connect' });
		expect(getReason(error)).toMatchObject({ reason: 'connectTimeout' });
		expect(getReason(new Error('n8n', { cause: error }))).toMatchObject({
			reason: 'connectTimeout',
		});
	});

	test('maps an unknown network code to a failed connection and an unknown TLS code to failed TLS', () => {
		const axios = (code: string) => Object.assign(new Error('x'), { code, isAxiosError: true });
		expect(getReason(axios('EWEIRD'))).toEqual({ reason: 'connectionFailed', detail: 'EWEIRD' });
		expect(getReason(axios('ERR_SSL_WRONG_VERSION_NUMBER'))).toMatchObject({
			reason: 'tlsFailed',
		});
		expect(getReason(new Error('n8n', { cause: axios('EWEIRD') }))).toEqual({
			reason: 'connectionFailed',
			detail: 'EWEIRD',
		});
	});

	test('maps any other error to a request that was not sent, and quotes it without secrets', () => {
		const error = new Error('n8n', { cause: new Error('Domain not allowed for a-secret-token') });
		expect(getReason(error)).toEqual({ reason: 'notSent', detail: 'Domain not allowed for ***' });
		expect(getReason(undefined)).toEqual({ reason: 'notSent', detail: 'unknown reason' });
		const codeless = Object.assign(new Error('No code'), { isAxiosError: true });
		expect(getReason(codeless)).toEqual({ reason: 'notSent', detail: 'No code' });
		expect(getReason({ code: 'EWEIRD' })).toEqual({
			reason: 'notSent',
			detail: 'unknown reason',
		});
	});

	test.each([null, 'text', {}, { message: '' }, { message: 42 }])(
		'quotes the innermost error with a message: not %j',
		(cause) => {
			expect(getReason(new Error('Domain not allowed', { cause }))).toEqual({
				reason: 'notSent',
				detail: 'Domain not allowed',
			});
		},
	);

	test.each([
		[Object.assign(new Error('x'), { code: 'ECONNRESET', request: { socket: null } })],
		[Object.assign(new Error('x'), { code: 'ECONNRESET', request: null })],
	])('treats a reset of an unknown socket as a reset of an open connection', (e) => {
		expect(getReason(e)).toEqual({ reason: 'connectionReset', detail: 'ECONNRESET' });
	});

	test('recognizes a reset during the TLS handshake by the message of Node.js', () => {
		const words = 'Client network socket disconnected before secure TLS connection was established';
		const node = Object.assign(new Error(words), { code: 'ECONNRESET' });
		for (const error of [node, new Error('n8n', { cause: node })]) {
			expect(getReason(error)).toEqual({ reason: 'tlsHandshakeReset', detail: 'ECONNRESET' });
		}
	});

	test('reads the first code that is text', () => {
		const inner = Object.assign(new Error('x'), { code: 'ECONNRESET' });
		const outer = Object.assign(new Error('n8n', { cause: inner }), { code: 42 });
		expect(getErrorCode(outer)).toBe('ECONNRESET');
		expect(getReason(outer)).toEqual({ reason: 'connectionReset', detail: 'ECONNRESET' });
		expect(getErrorCode(new Error('n8n'))).toBeUndefined();
		expect(getErrorCode(undefined)).toBeUndefined();
	});

	test('accepts an error that is its own cause', () => {
		const error = new Error('round');
		error.cause = error;
		expect(getReason(error)).toEqual({ reason: 'notSent', detail: 'round' });
	});
});

describe('one attempt', () => {
	const sent: IHttpRequestOptions[] = [];

	const client = new KooDriveClient(
		{ endpoint: 'https://koodrive.example/', accessToken: 'a-secret-token', userId: '1' },
		systemClock,
		async (options) => {
			sent.push(options);
			return await new Promise(() => undefined);
		},
	);

	const attempt = { signingTime: '20251103T070140Z', timeout: 60_000 };

	const renewal: KooDriveRequest = { method: 'PATCH', path: '/lock', idempotent: true };

	/** Sends the request and stops before any response. */
	async function sendAndStop(request: KooDriveRequest) {
		const cancel = new AbortController();
		const result = client.sendAttempt(request, { ...attempt, cancelSignal: cancel.signal });
		cancel.abort();
		return await result;
	}

	test('fails as stopped when it is aborted', async () => {
		expect(await sendAndStop(renewal)).toEqual({ ok: false, failure: { reason: 'canceled' } });
	});

	test.each<[string, KooDriveRequest, boolean]>([
		['with a body and a Content-Type', { ...renewal, body: { a: 1 } }, true],
		['without a body and without a Content-Type', renewal, false],
	])('sends a request %s', async (_what, request, hasType) => {
		await sendAndStop(request);
		const { headers, body } = sent.at(-1)!;
		expect(headers).toHaveProperty('X-Date', attempt.signingTime);
		expect('Content-Type' in headers!).toBe(hasType);
		expect(body).toBe(hasType ? '{"a":1}' : undefined);
	});
});

describe('a timeout', () => {
	const forever = new Promise<never>(() => undefined);

	test('ends a call that ignores its signal', async () => {
		const ended = withTimeout(10, undefined, async () => await forever);
		await expect(ended).rejects.toBe(TIMED_OUT);
	});

	test('returns the value of a call that finishes in time', async () => {
		expect(await withTimeout(1000, undefined, async () => await Promise.resolve(7))).toBe(7);
	});

	test('throws the error of a call', async () => {
		const error = new Error('x');
		const run = async () => await Promise.reject(error);
		await expect(withTimeout(1000, undefined, run)).rejects.toBe(error);
	});

	test('does not start a call after a stop', async () => {
		const run = jest.fn();
		await expect(withTimeout(1000, AbortSignal.abort(), run)).rejects.toBe(CANCELED);
		expect(run).not.toHaveBeenCalled();
	});

	test('ends a call when it is canceled', async () => {
		const cancel = new AbortController();
		const ended = withTimeout(60_000, cancel.signal, async () => await forever);
		cancel.abort();
		await expect(ended).rejects.toBe(CANCELED);
	});

	test("allows more time than one of Node's timers can", async () => {
		const run = async () => await sleep(20, 7);
		expect(await withTimeout(2 ** 31 + 1_000, undefined, run)).toBe(7);
	});

	test('removes its listener from the signal of the execution', async () => {
		const cancel = new AbortController();
		const remove = jest.spyOn(cancel.signal, 'removeEventListener');
		await withTimeout(1000, cancel.signal, async () => 1);
		expect(remove).toHaveBeenCalledTimes(1);
	});
});
