// Control characters, and those that turn the direction of the text around them.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

const LONE_SURROGATE = /\p{Cs}/gu;

const graphemes = new Intl.Segmenter();

/**
 * Prepares external text for a message: one line, and no character cut in two.
 *
 * @param longest the most UTF-16 code units of it
 * @returns the text, with `…` at its end where it was cut off
 */
export function quote(text: string, longest: number): string {
	// A character of many code units is rare: what is far behind the limit doesn't matter.
	const clean = text
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

/** @returns for example `"78e41c7e@102"`, or the beginning of a longer ID and its length */
export function quoteId(id: string): string {
	if (id.length <= LONGEST_ID) return `"${id}"`;
	return `"${quote(id, LONGEST_ID)}" (${id.length} characters)`;
}
