// Control characters, and those that turn the direction of the text around them.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

const LONE_SURROGATE = /\p{Cs}/gu;

const graphemes = new Intl.Segmenter();

/**
 * Makes somebody else's words fit to stand in a sentence of ours: one line, and no character cut in two.
 *
 * @param words the words, as they came
 * @param longest how many UTF-16 code units may be left of them
 * @returns the words, with `…` at their end where some were cut off
 */
export function quote(words: string, longest: number): string {
	// A character of many code units is rare: what lies far behind the limit need not be looked at.
	const clean = words
		.slice(0, 4 * longest)
		.replace(UNPRINTABLE, ' ')
		.replace(LONE_SURROGATE, '\ufffd')
		.trim();
	if (clean.length <= longest) return clean;
	let cut = '';
	for (const { segment } of graphemes.segment(clean)) {
		if (cut.length + segment.length > longest) break;
		cut += segment;
	}
	return `${cut}…`;
}

const LONGEST_ID = 80;

/**
 * Names an ID in a sentence, in full where it is short enough to be read.
 *
 * @param id the ID
 * @returns for example `"78e41c7e@102"`, or the beginning of a longer one and how long it is
 */
export function quoteId(id: string): string {
	if (id.length <= LONGEST_ID) return `"${id}"`;
	return `"${quote(id, LONGEST_ID)}" (${id.length} characters)`;
}
