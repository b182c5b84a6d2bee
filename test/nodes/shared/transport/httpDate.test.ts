import { Settings } from 'luxon';

import { parseHttpDate, parseRetryAfter } from '../../../../dist/nodes/shared/transport/httpDate';

describe('dates in headers', () => {
	const date = Date.UTC(2025, 10, 3, 7, 1, 40);

	test('all three forms of RFC 9110 are read', () => {
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
	])('so are the forms that servers and gateways really send: %s', (value) => {
		expect(parseHttpDate(value)).toBe(date);
	});

	test.each(['Mon, 03 Nov 2025 07:01:40 +0800', 'Mon, 03 Nov 2025 07:01:40'])(
		'%s is left alone, because nobody knows what it means',
		(value) => {
			expect(parseHttpDate(value)).toBeUndefined();
		},
	);

	test('a date is read whatever time zone n8n was given', () => {
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
	])('%j is no date', (value) => {
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
	])('Retry-After: %s asks for %s milliseconds', (value, wait) => {
		expect(parseRetryAfter(value, date)).toBe(wait);
	});
});
