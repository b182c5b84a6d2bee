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

test('any other JSON means what it always means', () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
			const text = JSON.stringify({ value, filler: '1234567890123456' });
			const number = JSON.stringify(value).match(/\d{16,}/);
			if (number === null) expect(parseJson(text)).toEqual(JSON.parse(text));
		}),
	);
});
