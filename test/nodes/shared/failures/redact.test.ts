import { redactJson, redactor } from '../../../../dist/nodes/shared/failures/redact';

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

	test.each([
		['percent-encoded', 'a%2Fsecret%2Btoken%3D'],
		['percent-encoded in lower case', 'a%2fsecret%2btoken%3d'],
		['as it is', 'a/secret+token='],
		['escaped for JSON', 'a\\/secret+token='],
	])('takes a secret out %s', (_how, repeated) => {
		expect(redactor(['a/secret+token='])(`<${repeated}>`)).toBe('<***>');
	});

	test('takes it out escaped for JSON, where that looks different', () => {
		expect(redactor(['a"secret\\token'])('{"a":"a\\"secret\\\\token"}')).toBe('{"a":"***"}');
	});

	test('takes out a signature that comes back in an address', () => {
		expect(redactor([])('?a=Signature%3D0123abcd')).toBe('?a=Signature%3D***');
	});

	test('leaves a value of any kind as it is, but for secrets', () => {
		const redact = redactor(['a-secret-token']);
		const value = { a: [1, null, true, 'x a-secret-token'], 'a-secret-token': { b: {} } };
		expect(redactJson(value, redact)).toEqual({ a: [1, null, true, 'x ***'], '***': { b: {} } });
	});
});
