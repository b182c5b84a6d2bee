import fc from 'fast-check';
import { Settings } from 'luxon';

import { getSecrets, tokenAuthorization } from '#dist/credentials/authentication/authorization';
import { formatSigningTime, parseSigningTime } from '#dist/credentials/authentication/signature';
import { bareAccessToken } from '#dist/credentials/authentication/tokenFormat';
import { parseEndpoint } from '#dist/credentials/input';

describe('Endpoint', () => {
	test.each([
		['https://intl.myhuaweicloud-koodrive.com', 'https://intl.myhuaweicloud-koodrive.com'],
		[' https://cn.myhuaweicloud-koodrive.com/ \n', 'https://cn.myhuaweicloud-koodrive.com'],
		['HTTPS://Drive.Carrier.Example:8443', 'https://drive.carrier.example:8443'],
		['https://carrier.example/koodrive//', 'https://carrier.example/koodrive'],
		['http://localhost:8080', 'http://localhost:8080'],
		['http://127.0.0.1', 'http://127.0.0.1'],
		['http://127.9.9.9:1', 'http://127.9.9.9:1'],
		['http://127.10.200.30', 'http://127.10.200.30'],
		['http://[::1]:80/', 'http://[::1]'],
	])('reads %j as %j', (entered, endpoint) => {
		expect(parseEndpoint(entered)).toBe(endpoint);
	});

	test.each([
		undefined,
		null,
		'',
		'  ',
		'intl.myhuaweicloud-koodrive.com',
		'https://',
		'https:intl.myhuaweicloud-koodrive.com',
		'ftp://koodrive.example',
		'http://koodrive.example',
		'http://192.168.0.1',
		'http://localhost.koodrive.example',
		'http://notlocalhost',
		'ftp://localhost/http://',
		'http://127.0.0.1.koodrive.example',
		'https://user@koodrive.example',
		'https://:secret@koodrive.example',
		'https://koodrive.example?',
		'https://koodrive.example?a=b',
		'https://koodrive.example#a',
	])('rejects %j and says where to correct it', (entered) => {
		expect(() => parseEndpoint(entered)).toThrow(/^'Endpoint' .* Open the KooDrive API credential/);
	});
});

describe('Access Token and Token Format', () => {
	const token = fc
		.string({ unit: fc.constantFrom(...'abcXYZ019-._~+/='), minLength: 1 })
		.filter((text) => !/^bearer/i.test(text));
	const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n') });
	const prefix = fc
		.tuple(
			fc.constantFrom('bearer', 'Bearer', 'BEARER', 'bEaReR'),
			fc.constantFrom('+', ' ', '%20'),
		)
		.map(([word, separator]) => word + separator);

	test('sends the same header for every way of pasting a token', () => {
		fc.assert(
			fc.property(token, prefix, blanks, blanks, (bare, scheme, before, after) => {
				for (const accessToken of [before + scheme + bare + after, before + bare + after]) {
					expect(tokenAuthorization({ accessToken, tokenFormat: 'bearerPlus' })).toBe(
						`Bearer+${bare}`,
					);
					expect(tokenAuthorization({ accessToken, tokenFormat: 'bearerSpace' })).toBe(
						`Bearer ${bare}`,
					);
				}
			}),
		);
	});

	test('does not change a token without a prefix', () => {
		fc.assert(
			fc.property(fc.oneof(token, fc.string()), (text) => {
				const once = bareAccessToken(text);
				expect(bareAccessToken(once)).toBe(once);
			}),
		);
	});

	test('removes white space after the scheme', () => {
		expect(bareAccessToken(' Bearer+ 013b4d')).toBe('013b4d');
	});

	test.each([
		['bearerPlus', 'Bearer+013b4d', 'Bearer+013b4d'],
		['bearerPlus', 'Bearer%20013b4d', 'Bearer+013b4d'],
		['bearerPlus', 'Bearer Bearer+013b4d', 'Bearer+013b4d'],
		['bearerPlus', 'Bearer  Bearer+013b4d', 'Bearer+013b4d'],
		['bearerPlus', 'Bearer+ 013b4d', 'Bearer+013b4d'],
		['bearerPlus', '013bearer+4d', 'Bearer+013bearer+4d'],
		['bearerSpace', 'Bearer+013b4d', 'Bearer 013b4d'],
		['bearerPlus', '"013b4d"', 'Bearer+013b4d'],
		['bearerPlus', " 'Bearer+013b4d' ", 'Bearer+013b4d'],
		['bearerPlus', '“013b4d”', 'Bearer+013b4d'],
		['bearerPlus', 'Bearer%2B013b4d', 'Bearer+013b4d'],
		['bearerSpace', '%22Bearer%20013b%2F4d%3D%22', 'Bearer 013b/4d='],
		['bearerPlus', '013b%252F4d', 'Bearer+013b/4d'],
		['bearerPlus', 'Authorization=Bearer+013b4d', 'Bearer+013b4d'],
		['bearerPlus', 'Authorization: Bearer 013b4d', 'Bearer+013b4d'],
		['bearerPlus', 'Cookie: lang=en; Authorization=Bearer%2B013b4d; x=1', 'Bearer+013b4d'],
		['bearerPlus', 'authorization="013b4d"; x=1', 'Bearer+013b4d'],
		['bearerPlus', '013b%4', 'Bearer+013b%4'],
		['raw', ' Bearer 013b4d\n', 'Bearer 013b4d'],
		['raw', '"013b%204d"', '"013b%204d"'],
		['raw', 'Bearer+013b4d', 'Bearer+013b4d'],
		['raw', '013b4d', '013b4d'],
	])('sends as %s the token %j as %j', (tokenFormat, accessToken, header) => {
		expect(tokenAuthorization({ accessToken, tokenFormat })).toBe(header);
	});

	test.each([['Bearer a b'], ['tökén'], ['a\r\nX-Evil: 1'], [''], [' ']])(
		'rejects the token %j',
		(accessToken) => {
			expect(() => tokenAuthorization({ accessToken, tokenFormat: 'raw' })).toThrow('Access Token');
		},
	);

	test.each(['bearerPlus', 'bearerSpace'])(
		'says what is wrong with other cookies in %s',
		(tokenFormat) => {
			expect(() => tokenAuthorization({ accessToken: 'lang=en; session=1', tokenFormat })).toThrow(
				"'Access Token' contains cookies, but none with the name Authorization. Open",
			);
		},
	);

	test.each([
		[{ accessToken: ' Bearer+abc ', appSecret: 'def' }, ['Bearer+abc', 'Bearer abc', 'abc', 'def']],
		[{ accessToken: 'Bearer+ abc' }, ['Bearer+ abc', 'Bearer+abc', 'Bearer abc', 'abc']],
		[{ accessToken: 'Token 60f4', tokenFormat: 'raw' }, ['Token 60f4', '60f4']],
		[{ accessToken: 'x=1; Authorization=abc' }, ['x=1; Authorization=abc', 'Bearer+abc', 'abc']],
		[{ accessToken: '%22abc%22' }, ['%22abc%22', 'abc', 'Bearer+abc']],
	])('redacts the secrets of %j as entered and as sent', (credential, secrets) => {
		expect(getSecrets(credential)).toEqual(expect.arrayContaining(secrets));
	});

	test('redacts nothing for an empty credential', () => {
		expect(getSecrets({ accessToken: '', userId: '1' })).toEqual([]);
	});

	test.each(['constructor', 'toString', '__proto__'])(
		'rejects the Token Format %s, which is a property of every object',
		(tokenFormat) => {
			expect(() => tokenAuthorization({ accessToken: 'abc', tokenFormat })).toThrow(
				"'Token Format' isn't supported",
			);
		},
	);
});

describe('X-Date', () => {
	const YEAR_9999 = Date.UTC(9999, 11, 31);

	test('writes the documented example', () => {
		expect(formatSigningTime(Date.UTC(2025, 10, 3, 7, 1, 40))).toBe('20251103T070140Z');
	});

	test('truncates fractions of a second instead of rounding up', () => {
		expect(formatSigningTime(Date.UTC(2025, 11, 31, 23, 59, 59, 999))).toBe('20251231T235959Z');
	});

	test('is less than a second before the given time', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: YEAR_9999 }), (instant) => {
				const back = parseSigningTime(formatSigningTime(instant))!;
				expect(back).toBeLessThanOrEqual(instant);
				expect(instant - back).toBeLessThan(1000);
			}),
		);
	});

	test('does not depend on the time zone or the locale of n8n', () => {
		const { defaultLocale, defaultZone } = Settings;
		Settings.defaultLocale = 'ar-EG';
		Settings.defaultZone = 'Asia/Tokyo';
		try {
			expect(formatSigningTime(Date.UTC(2025, 10, 3, 7, 1, 40))).toBe('20251103T070140Z');
			expect(parseSigningTime('20251103T070140Z')).toBe(Date.UTC(2025, 10, 3, 7, 1, 40));
		} finally {
			Settings.defaultLocale = defaultLocale;
			Settings.defaultZone = defaultZone;
		}
	});

	test.each([
		'',
		'20251103T070140',
		'2025-11-03T07:01:40Z',
		'20251303T070140Z',
		'20251103T250140Z',
	])('rejects %j', (text) => expect(parseSigningTime(text)).toBeUndefined());
});
