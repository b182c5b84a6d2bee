import type { INode } from 'n8n-workflow';

import { getResponseFields, toNodeError } from '#dist/nodes/shared/errors/nodeError';
import { getReason } from '#dist/nodes/shared/errors/reasons';
import { createRedactor, quoteResponse, redactJson } from '#dist/nodes/shared/errors/redact';
import { describeFailure, explainFailure } from '#dist/nodes/shared/errors/describeFailure';
import { quote, quoteId } from '#dist/nodes/shared/errors/text';

describe('quotations', () => {
	test('show an ID of up to 80 characters in full', () => {
		const id = '7'.repeat(80);
		expect(quoteId(id)).toBe(`"${id}"`);
	});

	test('show an ID of a server without a line break or a signature', () => {
		expect(quoteId('a\nb?Signature=c')).toBe('"a b?Signature=***"');
	});

	test('show the beginning and the length of a longer ID', () => {
		expect(quoteId('7'.repeat(1_000_000))).toBe(`"${'7'.repeat(80)}…" (1000000 characters)`);
	});

	test.each([
		['plain words', 'plain words'],
		['two\nlines\tand\u0007bells', 'two lines and bells'],
		['\u2066turned\u2069 around', 'turned  around'],
		[' \u0000 ', ''],
		['half \ud83d of it', 'half \ufffd of it'],
	])('turn %j into %j', (words, fit) => {
		expect(quote(words, 300)).toBe(fit);
	});

	test('show text of the maximum length in full', () => {
		expect(quote('abc', 3)).toBe('abc');
		expect(quote('abcd', 3)).toBe('abc…');
	});
});

// cspell:ignore Fsecret Btoken zoë
const SIGNATURE = 'a2b4c6d8e0f1a3b5c7d9e1f0a2b';

const quoteInFull = (text: string) => quote(text, Infinity);

describe('redaction', () => {
	test('redacts the longest secret first', () => {
		const redact = createRedactor(['12345678', '12345678-longer']);
		expect(redact('a 12345678-longer b 12345678 c')).toBe('a *** b *** c');
	});

	test('does not redact what is too short to be a secret', () => {
		expect(createRedactor(['success'])('success')).toBe('success');
		expect(createRedactor(['8letters'])('8letters')).toBe('***');
	});

	test.each([
		['as it is', 'a/secret+token='],
		['in capitals', 'A/SECRET+TOKEN='],
		['percent-encoded', 'a%2Fsecret%2Btoken%3D'],
		['percent-encoded in lower case', 'a%2fsecret%2btoken%3d'],
		['percent-encoded in part', 'a/secret%2Btoken='],
		['percent-encoded completely', '%61%2F%73%65%63%72%65%74%2B%74%6F%6B%65%6E%3D'],
		['percent-encoded twice', 'a%252Fsecret%252Btoken%253D'],
		['escaped for JSON', 'a\\/secret\\u002Btoken\\u003d'],
		['escaped for JSON twice', 'a/secret\\\\u002btoken='],
	])('redacts a secret %s', (_how, repeated) => {
		expect(createRedactor(['a/secret+token='])(`<${repeated}>`)).toBe('<***>');
	});

	test('redacts a secret that JSON escapes', () => {
		expect(createRedactor(['a"secret\\token'])('{"a":"a\\"secret\\\\token"}')).toBe('{"a":"***"}');
	});

	test.each(['zoë-and-zoë-🔑', 'a.b*c(d)+[e]'])(
		'redacts the secret %j, percent-encoded too',
		(secret) => {
			const redact = createRedactor([secret]);
			expect(redact(`${secret} ${encodeURIComponent(secret)}`)).toBe('*** ***');
			expect(redact('zoe-and-zoe, a-b*c(d)+[e]')).toBe('zoe-and-zoe, a-b*c(d)+[e]');
		},
	);

	test.each([
		`https://store/a?X-Amz-Signature=0123abcd&X-Amz-Expires=60`,
		`https://store/a?AccessKeyId=A&Expires=1&Signature=${SIGNATURE}%3D`,
		`https://store/a?Signature=${SIGNATURE}=&AccessKeyId=A`,
		`https://store/a?X-Obs-Signature=a%2Bb%2Fc%3D`,
		`https://store/a?x-obs-security-token=${SIGNATURE}`,
		`https://store/a?Expires=1&amp;Signature=ab`,
		`{"url":"https://store/a?Expires=1\\u0026Signature=ab"}`,
		encodeURIComponent(`https://store/a?X-Amz-Signature=0123abcd&X-Amz-Expires=60`),
		encodeURIComponent(encodeURIComponent(`https://store/a?Signature=0123abcd`)),
		`HMAC-SHA256 AppId=6d1c,SignedHeaders=host;x-date;x-user-id,Signature=0123abcd`,
		`Signature=${'0'.repeat(64)}`,
	])('redacts the signature in %s', (text) => {
		for (const redact of [createRedactor([]), quoteInFull]) {
			expect(redact(text)).toContain('***');
			expect(redact(text)).not.toMatch(/0123abcd|a2b4|=ab|a%2Bb|000/);
			expect(redact(redact(text))).toBe(redact(text));
		}
	});

	test('redacts no more than the signature', () => {
		const link = 'https://store/a?X-Amz-Signature=0123abcd&X-Amz-Expires=60';
		expect(quoteInFull(`"${link}", done`)).toBe(
			'"https://store/a?X-Amz-Signature=***&X-Amz-Expires=60", done',
		);
		expect(quoteInFull(encodeURIComponent(link))).toContain(
			'X-Amz-Signature%3D***%26X-Amz-Expires',
		);
	});

	test('redacts whatever may be a signature only in texts that are shown', () => {
		const name = 'Signature=Doe.pdf';
		expect(createRedactor([])(name)).toBe(name);
		expect(quoteInFull(name)).toBe('Signature=***');
		expect(quoteInFull(`<SignatureProvided>${SIGNATURE}</SignatureProvided>`)).toBe(
			'<SignatureProvided>***</SignatureProvided>',
		);
		expect(quoteInFull('The signature does not match')).toBe('The signature does not match');
	});

	test('takes no time for texts made to cost time', () => {
		const redact = createRedactor(['\\\\"/%25%25', SIGNATURE]);
		const began = performance.now();
		for (const part of [
			'\\',
			'%25',
			'&',
			'&Signature',
			'SignedHeaders=',
			'Signature=',
			'%',
			'"\\',
		]) {
			quoteInFull(redact(part.repeat(1024 ** 2 / part.length)));
		}
		expect(performance.now() - began).toBeLessThan(5000);
	});

	test('leaves a link as it is, where it is used and not shown', () => {
		const url = `https://store/a-secret-token?Signature=${SIGNATURE}`;
		const redact = createRedactor(['a-secret-token']);
		expect(redactJson({ list: [{ url, note: url }] }, redact, 'url')).toEqual({
			list: [{ url, note: 'https://store/***?Signature=***' }],
		});
		expect(redactJson({ url: { note: url } }, redact, 'url')).not.toMatchObject({
			url: { note: url },
		});
	});

	test('quotes a response on one line, and not too long', () => {
		const redact = createRedactor(['a-secret-token']);
		expect(quoteResponse(`no\n a-secret-token, Signature=x `, redact)).toBe(
			'no  ***, Signature=***',
		);
		expect(quoteResponse('x'.repeat(301), redact)).toBe(`${'x'.repeat(300)}…`);
		for (const nothing of [undefined, null, 7, '', ' \n', {}]) {
			expect(quoteResponse(nothing, redact)).toBeUndefined();
		}
	});

	test('leaves all other values unchanged', () => {
		const redact = createRedactor(['a-secret-token']);
		const value = { a: [1, null, true, 'x a-secret-token'], 'a-secret-token': { b: {} } };
		expect(redactJson(value, redact)).toEqual({ a: [1, null, true, 'x ***'], '***': { b: {} } });
	});
});

describe('an error message', () => {
	test('contains the status, the code, the message and the detail', () => {
		const { message, description } = describeFailure(
			{ reason: 'rejected', httpCode: 400, code: 7, msg: 'm', detail: 'd' },
			'Lock "a" was not renewed',
		);
		expect(message).toBe(
			'Lock "a" was not renewed: KooDrive rejected the request (HTTP 400, code 7, "m", d)',
		);
		expect(description).not.toMatch(/was sent|false|undefined/);
	});

	test('omits what is unknown', () => {
		const { message } = describeFailure({ reason: 'rejected' }, 'It failed');
		expect(message).toBe('It failed: KooDrive rejected the request');
	});

	test('uses the texts of the node if it has its own', () => {
		const own = { notFound: { message: 'the lock is gone' } };
		const report = describeFailure({ reason: 'notFound' }, 'It failed', own);
		expect(report.message).toBe('It failed: the lock is gone');
		expect(report.description).toBe(getReason('notFound').description);
	});

	test('says what is wrong with the input', () => {
		expect(explainFailure({ reason: 'invalidInput', detail: "'Lock ID' is empty." })).toBe(
			"'Lock ID' is empty.",
		);
		expect(explainFailure({ reason: 'invalidInput' })).toBe("a parameter isn't valid");
	});

	test('says when and why a lock was lost', () => {
		const failure = {
			reason: 'notFound',
			leaseLoss: { at: Date.UTC(2025, 10, 3, 7, 1, 40), because: 'it expired' },
		} as const;
		const notFound = { description: 'Make a new lock.' };
		const leaseLost = { message: 'its lock', description: 'Start the backup again.' };
		expect(describeFailure(failure, 'It failed', { notFound })).toMatchObject({
			message: 'It failed: it was lost at 2025-11-03 07:01:40 UTC, because it expired',
			description: 'Make a new lock.',
		});
		expect(describeFailure(failure, 'It failed', { notFound, leaseLost })).toMatchObject({
			message: 'It failed: its lock was lost at 2025-11-03 07:01:40 UTC, because it expired',
			description: 'Start the backup again.',
		});
	});

	test.each<[string, Parameters<typeof describeFailure>[0], boolean]>([
		['a refused connection', { reason: 'connectionRefused' }, true],
		['an unknown host', { reason: 'hostNotFound' }, true],
		['HTTP 401 without a code', { reason: 'tokenRejected', httpCode: 401 }, true],
		['HTTP 403 without a code', { reason: 'forbidden', httpCode: 403 }, true],
		['HTTP 404 without a code', { reason: 'pathNotFound', httpCode: 404 }, true],
		['HTTP 502', { reason: 'badGateway', httpCode: 502 }, true],
		['HTTP 503', { reason: 'unavailable', httpCode: 503 }, false],
		['HTTP 401 with a code', { reason: 'tokenRejected', httpCode: 401, code: 'APIG.0301' }, false],
		['a timeout', { reason: 'responseTimeout' }, false],
	])('mentions the proxy if it may be the cause of %s: %j', (_what, failure, expected) => {
		const { description } = describeFailure(failure, 'It failed');
		expect(description.includes('HTTPS_PROXY')).toBe(expected);
	});

	test('returns only the fields of the response that are known', () => {
		expect(Object.keys(getResponseFields({ reason: 'connectionRefused' }))).toEqual([]);
		const rejected = { reason: 'rejected', httpCode: 400, code: 7 } as const;
		expect(Object.entries(getResponseFields(rejected))).toEqual([
			['code', 7],
			['httpCode', 400],
		]);
	});

	test('adds the response to the parentheses at the end of a message', () => {
		const unresolved = { reason: 'dnsLookupFailed', detail: 'EAI_AGAIN' } as const;
		expect(explainFailure(unresolved)).toMatch(/ \(DNS is [a-z ]+, EAI_AGAIN\)$/);
	});

	test("becomes an error with the status and KooDrive's response", () => {
		const node = { name: 'KooDrive Backup Lock' } as INode;
		const refused = { reason: 'rejected', httpCode: 400, code: 7, msg: 'm' } as const;
		const error = toNodeError(node, describeFailure(refused, 'It failed'), 2);
		expect(error).toMatchObject({
			httpCode: '400',
			context: { data: { code: 7, msg: 'm', httpCode: 400 } },
		});
		const alone = { reason: 'connectionRefused' } as const;
		const silent = toNodeError(node, describeFailure(alone, 'It failed'), 2);
		expect(silent).toMatchObject({ httpCode: null, context: { itemIndex: 2 } });
		expect(silent.context).not.toHaveProperty('data');
	});
});
