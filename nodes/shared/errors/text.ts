import { DateTime } from 'luxon';

// Control characters, and those that turn the direction of the text around them.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

const LONE_SURROGATE = /\p{Cs}/gu;

// Behind an equals sign, percent-encoded or not, as far as the query, header, or quotation; or a long one in XML or JSON.
const SIGNATURE =
	/((?:Signature|Security-Token)(?:=|%3D|%253D))(?:(?!%26|%2526)[^&\s"'<>\\,;)\]}])+|((?:Signature|Security-Token)\w{0,20}\W{1,6})[A-Za-z0-9+/=%]{20,}/gi;

const graphemes = new Intl.Segmenter();

/**
 * Prepares external text for a message: one line, no character cut in two, and no signature of a request or a link,
 * because anyone with such a link can use it.
 *
 * @param longest the most UTF-16 code units of it
 * @returns the text, with `…` at its end where it was cut off
 */
export function quote(text: string, longest: number): string {
	// A character of many code units is rare: what is far behind the limit doesn't matter.
	const clean = text
		.slice(0, 4 * longest)
		.replace(SIGNATURE, '$1$2***')
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
	const quoted = `"${quote(id, LONGEST_ID)}"`;
	return id.length <= LONGEST_ID ? quoted : `${quoted} (${id.length} characters)`;
}

/** @returns for example `2025-11-03 07:01:40 UTC` */
export function formatUtc(milliseconds: number): string {
	return DateTime.fromMillis(milliseconds, { zone: 'utc', locale: 'en-US' }).toFormat(
		"yyyy-MM-dd HH:mm:ss 'UTC'",
	);
}

/** @returns what a thrown value says: JavaScript throws anything */
export function getMessage(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
