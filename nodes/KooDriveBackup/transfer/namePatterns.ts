import { UserError } from 'n8n-workflow';

/**
 * Selects names by wildcards: `*` stands for any characters, `?` for one. Case matters.
 *
 * @param patterns separated by commas; all names where there are none
 * @param getName of an entry
 * @throws UserError when a pattern matches nothing, because a file that is expected would be missing
 */
export function selectByName<Entry>(
	entries: readonly Entry[],
	patterns: string,
	getName: (entry: Entry) => string,
): Entry[] {
	const matchers = patterns
		.split(',')
		.map((pattern) => pattern.trim())
		.filter((pattern) => pattern !== '')
		.map((pattern) => ({ pattern, expression: toExpression(pattern) }));
	if (matchers.length === 0) return [...entries];
	for (const { pattern, expression } of matchers) {
		if (entries.some((entry) => expression.test(getName(entry)))) continue;
		throw new UserError(
			`'File Names' contains "${pattern}", which matches none of the backup's ${entries.length} files. Correct it, or remove it.`,
		);
	}
	return entries.filter((entry) =>
		matchers.some(({ expression }) => expression.test(getName(entry))),
	);
}

function toExpression(pattern: string): RegExp {
	const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
	return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'su');
}
