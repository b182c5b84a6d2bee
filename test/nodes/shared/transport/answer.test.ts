import { redactor } from '../../../../dist/nodes/shared/failures/redact';
import { judgeAnswer } from '../../../../dist/nodes/shared/transport/answer';

describe('answers', () => {
	const judge = { authentication: 'accessToken', redact: redactor([]) } as const;
	const judged = (statusCode: number, text: string, headers = {}, isTooLong = false) =>
		judgeAnswer({ statusCode, headers, body: undefined }, { text, isTooLong }, judge);
	const failureOf = (...given: Parameters<typeof judged>) => {
		const result = judged(...given);
		if (result.ok) throw new Error('it was a success');
		return result.failure;
	};

	test.each([200, 201, 299])('a code of 0 under HTTP %d is a success', (status) => {
		expect(judged(status, '{"code":0}')).toEqual({
			ok: true,
			answer: { body: { code: 0 }, date: undefined },
		});
	});

	test.each([199, 300, 302])('HTTP %d is no success, whatever the code says', (status) => {
		expect(judged(status, '{"code":0}')).toMatchObject({ ok: false });
	});

	test.each([300, 399])('HTTP %d is a redirect', (status) => {
		expect(judged(status, '{"code":0}')).toMatchObject({
			failure: { reason: 'redirected' },
		});
	});

	test.each([
		[400, 'refused'],
		[401, 'tokenRefused'],
		[403, 'notAllowed'],
		[404, 'pathMissing'],
	])('a code that nobody knows under HTTP %d means %s', (status, reason) => {
		expect(judged(status, '{"code":7}')).toMatchObject({ failure: { reason } });
	});

	test.each(['{}', '{"code":0}', '{"code":"0"}', '{"code":"x"}', 'null', '[]', 'no', ''])(
		'where the body says no more, the status decides: %j',
		(body) => {
			const reasons = [400, 401, 403, 404, 405].map((status) => failureOf(status, body).reason);
			expect(reasons).toEqual([
				'badRequest',
				'tokenRefused',
				'notAllowed',
				'pathMissing',
				'refused',
			]);
		},
	);

	test.each([' ', ' \n{"code":', '{"code":0}}', '\r\n{'])('%j was cut short', (body) => {
		expect(judged(200, body)).toMatchObject({
			failure: { reason: 'answerCutShort' },
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
	])('%j is %s', (body, detail) => {
		expect(judged(200, body)).toMatchObject({
			failure: { reason: 'notKooDrive', detail },
		});
	});

	test.each(['', 'x'.repeat(300)])(
		'a message is quoted as it is, and not if it is empty',
		(msg) => {
			const { msg: quoted } = failureOf(400, JSON.stringify({ code: 7, msg }));
			expect(quoted).toBe(msg === '' ? undefined : msg);
		},
	);

	test('a quotation has its limits', () => {
		const { msg } = failureOf(400, JSON.stringify({ code: 7, msg: 'x'.repeat(5000) }));
		expect(msg).toBe(`${'x'.repeat(300)}…`);
	});

	test('a message that is no text is left out', () => {
		expect(judged(400, '{"code":7,"msg":{}}')).toMatchObject({
			failure: { code: 7, msg: undefined },
		});
	});

	test.each([
		['"13000309"', 'resourceMissing', 13000309],
		['"13999999"', 'refused', 13999999],
	])("KooDrive's code is understood as text, too: %s", (code, reason, number) => {
		expect(judged(400, `{"code":${code},"msg":"m"}`)).toMatchObject({
			failure: { reason, code: number, msg: 'm' },
		});
	});

	test.each(['"13000309x"', '"x13000309"', '"013000309"', '[13000309]', '1.5'])(
		'a code that is no whole number is none, and the words beside it are not taken for its words: %s',
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
	])("a web page under HTTP %d is not KooDrive's word but that of %s", (status) => {
		expect(judged(status, ' <!doctype html>')).toMatchObject({
			failure: { reason: 'notKooDrive', detail: 'a web page instead of JSON' },
		});
	});

	test('HTTP 407 is the word of a proxy, whatever the body says', () => {
		expect(judged(407, '{"code":13000410}')).toMatchObject({ failure: { reason: 'proxyRefused' } });
	});

	test.each([
		[425, 'unavailable'],
		[507, 'unavailable'],
		...Array.from({ length: 11 }, (_, index): [number, string] => [520 + index, 'gatewayFailed']),
	])('HTTP %d of a gateway passes', (status, reason) => {
		expect(judged(status, '<html>')).toMatchObject({ failure: { reason } });
	});

	test.each([519, 531, 501])('HTTP %d does not', (status) => {
		expect(judged(status, '')).toMatchObject({ failure: { reason: 'refused' } });
	});

	test('an answer that is too long is one thing under HTTP 200 and nothing but its status else', () => {
		expect(judged(200, '', {}, true)).toMatchObject({ failure: { reason: 'answerTooLong' } });
		expect(judged(503, '', {}, true)).toMatchObject({ failure: { reason: 'unavailable' } });
		expect(judged(404, '', {}, true)).toMatchObject({ failure: { reason: 'pathMissing' } });
	});

	test('a message reaches the user in one line, without what a terminal would obey', () => {
		const msg = '\u001b[31mred\r\nline\u202e\ud800 end\u0000';
		expect(failureOf(400, JSON.stringify({ code: 7, msg })).msg).toBe('[31mred line \ufffd end');
	});

	test('a message is not cut in the middle of a character, however many parts that has', () => {
		const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
		const msg = `${'x'.repeat(297)}${family} and more`;
		expect(failureOf(400, JSON.stringify({ code: 7, msg })).msg).toBe(`${'x'.repeat(297)}…`);
	});

	test('secrets are taken out of names as well as values', () => {
		const result = judgeAnswer(
			{ statusCode: 200, headers: {}, body: undefined },
			{ text: '{"code":0,"a-secret-token":[{"x":"a-secret-token"}]}', isTooLong: false },
			{ ...judge, redact: redactor(['a-secret-token']) },
		);
		expect(result).toMatchObject({ answer: { body: { '***': [{ x: '***' }] } } });
	});

	test('what Retry-After says is kept for whoever knows the time', () => {
		expect(judged(503, '', { 'retry-after': '7' })).toMatchObject({
			failure: { reason: 'unavailable', retryAfter: '7' },
		});
	});
});
