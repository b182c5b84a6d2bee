/** A word or phrase that isn't used in the texts of this package, and what to write instead. */
export interface Term {
	pattern: RegExp;
	instead: string;
}

/** Spelling is checked by cspell; these are words that are spelled correctly. */
export const TERMS: readonly Term[] = [
	// What users and the field call it.
	{ pattern: /encrypted connection/, instead: 'TLS (SSL) connection' },
	{ pattern: /(came|comes?) about/, instead: 'is established, happens' },
	{ pattern: /(breaks?|broke|broken) off/, instead: 'is reset, is closed' },
	{ pattern: /(could|can|can't|cannot)( not)? be looked up/, instead: "can't be resolved (DNS)" },
	{ pattern: /die[sd]?|dying/, instead: 'expires, stops responding' },
	{
		pattern: /(is|was|are|were) (away|gone)/,
		instead: "is unavailable, doesn't exist, has expired",
	},
	{ pattern: /lapse[sd]?/, instead: 'expires' },
	{ pattern: /patien(ce|t)/, instead: 'retries, deadline' },
	{ pattern: /(try|tries|tried|trying) again/, instead: 'retry' },
	{ pattern: /(all|few|many|more|no|other|\d+) tries/, instead: 'attempts' },
	{ pattern: /in passing/, instead: 'transient' },
	{ pattern: /by chance/, instead: 'randomly, jitter' },
	{ pattern: /refus(e|es|ing|al|als)/, instead: "reject, isn't valid, must be" },
	{ pattern: /(?<!connect\w*\b[^.]{0,40})refused(?! connect)/, instead: 'rejected' },
	{ pattern: /answer(s|ed|ing)?/, instead: 'response, respond' },
	{ pattern: /blanks?(?! lines?)/, instead: 'space, line break, empty' },
	{ pattern: /hand(s|ed|ing)? (it |them )?on(?! to)/, instead: 'return, pass to the next node' },
	{ pattern: /(gives?|gave|given|giving) (it |them )?back/, instead: 'release, return' },
	{ pattern: /(takes?|took|taken|taking) off/, instead: 'remove' },
	{ pattern: /(clear(s|ed|ing)?) (it |them )?away/, instead: 'delete, clean up' },
	{ pattern: /(next|later|earlier|previous|every|each) steps?/, instead: 'node' },
	{ pattern: /run (the|that|this) step/, instead: 'execute the node' },
	{ pattern: /activat\w+ (the|this|that|a|your) workflow/, instead: 'publish' },
	// Plain language.
	{ pattern: /any ?more/, instead: 'no longer' },
	{ pattern: /again and again/, instead: 'repeatedly' },
	{ pattern: /all the same/, instead: 'anyway, still' },
	{ pattern: /at once/, instead: 'at the same time, immediately' },
	{ pattern: /at the most/, instead: 'at most, up to' },
	{ pattern: /be it/, instead: 'whether' },
	{ pattern: /for (its|their) part/, instead: '(leave it out)' },
	{ pattern: /full stop/, instead: 'period' },
	{ pattern: /heed(s|ed)?/, instead: 'follow, honor' },
	{ pattern: /nobody|somebody|whoever/, instead: 'no one, someone, the user, the administrator' },
	{ pattern: /of (its|their) own/, instead: 'its own, separate' },
	{ pattern: /surely/, instead: '(leave it out)' },
	{ pattern: /that is what an? /, instead: '(say what it does)' },
];

/** Words that aren't used in the texts that n8n shows: n8n's guidelines ask for what happened instead. */
export const PRODUCT_TERMS: readonly Term[] = [
	{ pattern: /errors?/, instead: 'what happened' },
	{ pattern: /problems?/, instead: 'what happened, it' },
];
