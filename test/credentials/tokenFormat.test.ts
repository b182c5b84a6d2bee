import fc from 'fast-check';

import {
	secretValues,
	tokenAuthorization,
} from '../../dist/credentials/authentication/authorization';
import { bareAccessToken } from '../../dist/credentials/authentication/tokenFormat';

const token = fc
	.string({ unit: fc.constantFrom(...'abcXYZ019-._~+/='), minLength: 1 })
	.filter((text) => !/^bearer/i.test(text));
const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n') });
const prefix = fc
	.tuple(fc.constantFrom('bearer', 'Bearer', 'BEARER', 'bEaReR'), fc.constantFrom('+', ' ', '%20'))
	.map(([word, separator]) => word + separator);

test('however a token was pasted, the same header goes out', () => {
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

test('cleaning a clean token changes nothing', () => {
	fc.assert(
		fc.property(fc.oneof(token, fc.string()), (text) => {
			const once = bareAccessToken(text);
			expect(bareAccessToken(once)).toBe(once);
		}),
	);
});

test('blanks behind the scheme are no part of the token', () => {
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
	['raw', ' Bearer 013b4d\n', 'Bearer 013b4d'],
	['raw', 'Bearer+013b4d', 'Bearer+013b4d'],
	['raw', '013b4d', '013b4d'],
])('as %s, %j is sent as %j', (tokenFormat, accessToken, header) => {
	expect(tokenAuthorization({ accessToken, tokenFormat })).toBe(header);
});

test.each([['Bearer a b'], ['tökén'], ['a\r\nX-Evil: 1'], [''], [' ']])(
	'%j is refused as entered',
	(accessToken) => {
		expect(() => tokenAuthorization({ accessToken, tokenFormat: 'raw' })).toThrow('Access Token');
	},
);

test('the secrets are known as they were entered and as they are sent', () => {
	expect(secretValues({ accessToken: ' Bearer+abc ', appSecret: 'def' })).toEqual([
		'Bearer+abc',
		'abc',
		'def',
	]);
	expect(secretValues({ accessToken: 'Bearer+ abc' })).toEqual(['Bearer+ abc', 'abc']);
	expect(secretValues({ accessToken: '', userId: '1' })).toEqual([]);
});

test('a secret is known without a scheme that the format As Entered sends along', () => {
	expect(secretValues({ accessToken: 'Token 60f4', tokenFormat: 'raw' })).toEqual([
		'Token 60f4',
		'60f4',
	]);
});

test.each(['constructor', 'toString', '__proto__'])(
	'a Token Format that every object knows is none of ours: %s',
	(tokenFormat) => {
		expect(() => tokenAuthorization({ accessToken: 'abc', tokenFormat })).toThrow(
			'The Token Format is not one that this node knows',
		);
	},
);
