import { Settings } from 'luxon';
import type { INode } from 'n8n-workflow';

import { judgeAnswer } from '../../../dist/nodes/shared/transport/answer';
import {
	failureFields,
	reportFailure,
	toNodeError,
} from '../../../dist/nodes/shared/failures/failure';
import { systemClock } from '../../../dist/nodes/shared/retry/clock';
import { everyItem } from '../../../dist/nodes/shared/run/everyItem';
import { parseHttpDate, parseRetryAfter } from '../../../dist/nodes/shared/transport/httpDate';
import { reasonOf } from '../../../dist/nodes/shared/failures/reasons';
import { redactor } from '../../../dist/nodes/shared/failures/redact';
import { isOutsideItsLife } from '../../../dist/nodes/shared/retry/serverClock';
import { withTimeout } from '../../../dist/nodes/shared/transport/withTimeout';

describe('dates in headers', () => {
	const date = Date.UTC(2025, 10, 3, 7, 1, 40);

	test('all three forms of RFC 9110 are read', () => {
		expect(parseHttpDate('Mon, 03 Nov 2025 07:01:40 GMT')).toBe(date);
		expect(parseHttpDate('Monday, 03-Nov-25 07:01:40 GMT')).toBe(date);
		expect(parseHttpDate('Mon Nov  3 07:01:40 2025')).toBe(date);
	});

	test('a date is read whatever time zone n8n was given', () => {
		const { defaultZone } = Settings;
		Settings.defaultZone = 'No/Such_Zone';
		try {
			expect(parseHttpDate('Mon, 03 Nov 2025 07:01:40 GMT')).toBe(date);
		} finally {
			Settings.defaultZone = defaultZone;
		}
	});

	test.each([undefined, '', 'now', '2025-11-03T07:01:40Z', 42])('%j is no date', (value) => {
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
	])('Retry-After: %s asks for %s milliseconds', (value, wait) => {
		expect(parseRetryAfter(value, date)).toBe(wait);
	});
});

describe('the signing time', () => {
	const server = Date.UTC(2025, 10, 3, 7, 1, 40);
	test.each([
		['20251103T070141Z', true],
		['20251103T070140Z', false],
		['20251103T064640Z', false],
		['20251103T064639Z', true],
		['no time at all', false],
	])('%s is outside its life at 07:01:40: %s', (signingTime, outside) => {
		expect(isOutsideItsLife(signingTime, server)).toBe(outside);
	});
});

describe('redaction', () => {
	test('takes the longest secret out first, and signatures whoever made them', () => {
		const redact = redactor(['12345678', '12345678-longer']);
		expect(redact('a 12345678-longer b 12345678 c Signature=0123abcdef, d')).toBe(
			'a *** b *** c Signature=***, d',
		);
	});

	test('leaves alone what is too short to be a secret', () => {
		expect(redactor(['success'])('success')).toBe('success');
		expect(redactor(['8letters'])('8letters')).toBe('***');
	});
});

describe('answers', () => {
	const judge = { authentication: 'accessToken', redact: redactor([]), now: 0 } as const;
	const answer = (statusCode: number, body: unknown) => ({ statusCode, headers: {}, body });

	test.each([200, 201, 299])('a code of 0 under HTTP %d is a success', (status) => {
		expect(judgeAnswer(answer(status, '{"code":0}'), judge)).toEqual({
			ok: true,
			answer: { body: { code: 0 }, date: undefined },
		});
	});

	test.each([199, 300, 302])('HTTP %d is no success, whatever the code says', (status) => {
		expect(judgeAnswer(answer(status, '{"code":0}'), judge)).toMatchObject({ ok: false });
	});

	test.each([300, 399])('HTTP %d is a redirect', (status) => {
		expect(judgeAnswer(answer(status, '{"code":0}'), judge)).toMatchObject({
			failure: { reason: 'redirected' },
		});
	});

	test('a body that is no text is no answer', () => {
		expect(judgeAnswer(answer(200, undefined), judge)).toMatchObject({
			failure: { reason: 'answerCutShort' },
		});
	});

	test.each([
		[400, 'refused'],
		[401, 'tokenRefused'],
		[403, 'notAllowed'],
		[404, 'pathMissing'],
	])('a code that nobody knows under HTTP %d means %s', (status, reason) => {
		expect(judgeAnswer(answer(status, '{"code":7}'), judge)).toMatchObject({ failure: { reason } });
	});

	test.each(['{}', '{"code":0}', '{"code":"7"}', 'null', '[]', '<html>', ''])(
		'where the body says no more, the status decides: %j',
		(body) => {
			const reasons = [400, 401, 403, 404, 405].map((status) => {
				const result = judgeAnswer(answer(status, body), judge);
				return result.ok ? undefined : result.failure.reason;
			});
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
		expect(judgeAnswer(answer(200, body), judge)).toMatchObject({
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
		expect(judgeAnswer(answer(200, body), judge)).toMatchObject({
			failure: { reason: 'notKooDrive', detail },
		});
	});

	test.each(['', 'x'.repeat(300)])(
		'a message is quoted as it is, and not if it is empty',
		(msg) => {
			const result = judgeAnswer(answer(400, JSON.stringify({ code: 7, msg })), judge);
			expect(result.ok ? '' : result.failure.msg).toBe(msg === '' ? undefined : msg);
		},
	);

	test('a quotation has its limits', () => {
		const result = judgeAnswer(
			answer(400, JSON.stringify({ code: 7, msg: 'x'.repeat(5000) })),
			judge,
		);
		expect(result.ok ? '' : result.failure.msg).toBe(`${'x'.repeat(300)}…`);
	});

	test('a message that is no text is left out', () => {
		expect(judgeAnswer(answer(400, '{"code":7,"msg":{}}'), judge)).toMatchObject({
			failure: { code: 7, msg: undefined },
		});
	});

	test('a Retry-After date without a Date header counts from our own now', () => {
		const headers = { 'retry-after': 'Thu, 01 Jan 1970 00:00:07 GMT' };
		expect(judgeAnswer({ statusCode: 503, headers, body: '' }, judge)).toMatchObject({
			failure: { reason: 'unavailable', retryAfter: 7000 },
		});
	});
});

describe('every item', () => {
	const unreachable = (maxConcurrency: number, whichAre: (itemIndex: number) => boolean) => {
		const tried: number[] = [];
		const results = everyItem({
			count: 30,
			maxConcurrency,
			tryItem: async (itemIndex) => {
				tried.push(itemIndex);
				return await Promise.resolve(whichAre(itemIndex) ? 'unreachable' : 'done');
			},
			isUnreachable: (result) => result === 'unreachable',
			notTried: () => 'not tried',
		});
		return { tried, results };
	};

	test.each([1, 3])(
		'is left out after twice as many in a row found no way as are worked off at once, here %d',
		async (maxConcurrency) => {
			const { tried, results } = unreachable(maxConcurrency, () => true);
			// Those that had begun when the last of them ended were on their way already.
			const most = 2 * maxConcurrency + maxConcurrency - 1;
			const outcomes = await results;
			expect(tried.length).toBeGreaterThanOrEqual(2 * maxConcurrency);
			expect(tried.length).toBeLessThanOrEqual(most);
			expect(outcomes.filter((outcome) => outcome === 'not tried')).toHaveLength(30 - tried.length);
		},
	);

	test('is tried as long as one in between finds a way', async () => {
		const { results } = unreachable(1, (itemIndex) => itemIndex % 2 === 0);
		expect(await results).not.toContain('not tried');
	});
});

describe('the clock of the machine', () => {
	test('waits as long as it is told, and no longer than the execution lasts', async () => {
		const before = systemClock.now();
		await systemClock.sleep(30);
		expect(systemClock.now() - before).toBeGreaterThanOrEqual(29);
		const stopped = AbortSignal.timeout(5);
		await expect(systemClock.sleep(60_000, stopped)).rejects.toThrow();
	});

	test('throws its dice anew each time, from 0 up to 1', () => {
		const thrown = Array.from({ length: 100 }, () => systemClock.random());
		expect(new Set(thrown).size).toBeGreaterThan(90);
		expect(thrown.every((number) => number >= 0 && number < 1)).toBe(true);
	});
});

describe('a time limit', () => {
	const forever = new Promise<never>(() => undefined);

	test('ends even what does not heed its signal', async () => {
		expect(await withTimeout(10, undefined, async () => await forever)).toEqual({
			how: 'timedOut',
		});
	});

	test('hands on what finishes in time', async () => {
		expect(await withTimeout(1000, undefined, async () => await Promise.resolve(7))).toEqual({
			how: 'finished',
			value: 7,
		});
	});

	test('lets through what fails by itself', async () => {
		const error = new Error('x');
		const run = async () => await Promise.reject(error);
		expect(await withTimeout(1000, undefined, run)).toEqual({ how: 'threw', error });
	});

	test('does not begin when it was stopped before', async () => {
		const run = jest.fn();
		expect(await withTimeout(1000, AbortSignal.abort(), run)).toEqual({ how: 'stopped' });
		expect(run).not.toHaveBeenCalled();
	});

	test('leaves no listener on the signal of the execution', async () => {
		const cancel = new AbortController();
		const remove = jest.spyOn(cancel.signal, 'removeEventListener');
		await withTimeout(1000, cancel.signal, async () => 1);
		expect(remove).toHaveBeenCalledTimes(1);
	});
});

describe('the words of a failure', () => {
	test('name the status, the code, the message and the detail, as far as they are known', () => {
		const { message, description } = reportFailure(
			{ reason: 'refused', httpCode: 400, code: 7, msg: 'm', detail: 'd' },
			'Lock "a" was not renewed',
			{ tries: 1 },
		);
		expect(message).toBe(
			'Lock "a" was not renewed: KooDrive refused the request (HTTP 400, code 7, "m", d)',
		);
		expect(description).not.toMatch(/tried|false|undefined/);
	});

	test('say no more than is known', () => {
		const { message } = reportFailure({ reason: 'refused' }, 'It failed');
		expect(message).toBe('It failed: KooDrive refused the request');
	});

	test('are joined by nothing but blanks', () => {
		const { description } = reportFailure({ reason: 'unavailable' }, 'It failed', { tries: 3 });
		expect(description).toBe(`${reasonOf('unavailable').hint} It was tried 3 times.`);
	});

	test('become fields only where there is something to say', () => {
		const report = reportFailure({ reason: 'connectionRefused' }, 'It failed');
		expect(Object.keys(failureFields(report))).toEqual([]);
		const refused = reportFailure({ reason: 'refused', httpCode: 400, code: 7 }, 'It failed');
		expect(Object.entries(failureFields(refused, 'a@1'))).toEqual([
			['lockId', 'a@1'],
			['code', 7],
			['httpCode', 400],
		]);
	});

	test("become an error that holds the status and KooDrive's own words, where there were any", () => {
		const node = { name: 'KooDrive Backup Lock' } as INode;
		const refused = { reason: 'refused', httpCode: 400, code: 7, msg: 'm' } as const;
		const error = toNodeError(node, reportFailure(refused, 'It failed'), 2);
		expect(error).toMatchObject({ httpCode: '400', context: { data: { code: 7, msg: 'm' } } });
		const alone = { reason: 'connectionRefused' } as const;
		const silent = toNodeError(node, reportFailure(alone, 'It failed'), 2);
		expect(silent).toMatchObject({ httpCode: null, context: { itemIndex: 2 } });
		expect(silent.context).not.toHaveProperty('data');
	});

	test.each([
		['maxTries', 'No more tries were left'],
		['deadline', 'longer than the 60 seconds'],
		['quota', 'too many other locks'],
	] as const)('say why there was no further try: %s', (gaveUp, words) => {
		const { description } = reportFailure({ reason: 'unavailable' }, 'It failed', {
			tries: 3,
			gaveUp,
		});
		expect(description).toContain('It was tried 3 times.');
		expect(description).toContain(words);
	});
});
