import fc from 'fast-check';

import { parseJson } from '../../../../dist/nodes/shared/transport/parseJson';

test.each<[string, unknown]>([
	['{"id":1842862763295184641}', { id: '1842862763295184641' }],
	['[-1842862763295184641 , 1842862763295184641]', ['-1842862763295184641', '1842862763295184641']],
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
])('%s keeps all its digits', (text, value) => {
	expect(parseJson(text)).toEqual(value);
});

test.each(['{1842862763295184641:1}', '', '1842862763295184641 1842862763295184641', '{"a":'])(
	'what is no JSON does not become any: %s',
	(text) => {
		expect(() => parseJson(text)).toThrow(SyntaxError);
	},
);

test('a number that JavaScript can hold stays what it is', () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
			const isHeld = !Number.isInteger(number) || Number.isSafeInteger(number);
			const text = JSON.stringify({ number, filler: '1234567890123456' });
			if (isHeld) expect(parseJson(text)).toEqual(JSON.parse(text));
		}),
	);
});

test('any other JSON means what it always means', () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
			const text = JSON.stringify({ value, filler: '1234567890123456' });
			const number = JSON.stringify(value).match(/\d{16,}/);
			if (number === null) expect(parseJson(text)).toEqual(JSON.parse(text));
		}),
	);
});
