import { quote, quoteId } from '../../../../dist/nodes/shared/failures/quote';

test('an ID that can be read at a glance is named in full', () => {
	const id = '7'.repeat(80);
	expect(quoteId(id)).toBe(`"${id}"`);
});

test('of a longer one the beginning is named, and how long it is', () => {
	expect(quoteId('7'.repeat(1_000_000))).toBe(`"${'7'.repeat(80)}…" (1000000 characters)`);
});

test.each([
	['plain words', 'plain words'],
	['two\nlines\tand\u0007bells', 'two lines and bells'],
	['\u2066turned\u2069 around', 'turned  around'],
	[' \u0000 ', ''],
	['half \ud83d of it', 'half \ufffd of it'],
])('%j is fit for a sentence as %j', (words, fit) => {
	expect(quote(words, 300)).toBe(fit);
});

test('words of exactly the length that is allowed are left whole', () => {
	expect(quote('abc', 3)).toBe('abc');
	expect(quote('abcd', 3)).toBe('abc…');
});
