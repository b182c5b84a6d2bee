// n8n's strict mode demands eslint.config.mjs as n8n-node writes it. Its rules are about code that n8n loads, but it has
// no place to say which code that is. ESLint prefers this file: the same rules for the package, fewer for tests and
// tools, which run in Node itself.
const besideThePackage = ['test/**/*.ts', 'examples/**/*.ts', 'docs/**/*.ts'];

module.exports = (async () => {
	const { default: config } = await import('./eslint.config.mjs');
	return [
		{ ignores: ['coverage/', 'reports/', '.stryker-tmp/'] },
		{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
		...config.map(withoutWarnings),
		{
			files: besideThePackage,
			rules: {
				'no-console': 'off',
				'@n8n/community-nodes/no-restricted-globals': 'off',
				'@n8n/community-nodes/no-restricted-imports': 'off',
				'@n8n/community-nodes/no-dangerous-functions': 'off',
				'@n8n/community-nodes/require-node-api-error': 'off',
				'@n8n/community-nodes/no-hardcoded-secrets': 'off',
				'import-x/no-named-as-default-member': 'off',
				// The built package, which the type check resolves.
				'import-x/no-unresolved': ['error', { ignore: ['^#dist/'] }],
			},
		},
	];
})();

/** `n8n-node lint` has no option to fail for warnings, so they're errors. */
function withoutWarnings({ rules, ...rest }) {
	// An entry that has only `ignores` excludes files from all the others.
	if (rules === undefined) return rest;
	const strict = Object.entries(rules).map(([name, setting]) => [name, toError(setting)]);
	return { ...rest, rules: Object.fromEntries(strict) };
}

function toError(setting) {
	if (Array.isArray(setting)) return [toError(setting[0]), ...setting.slice(1)];
	return setting === 'warn' || setting === 1 ? 'error' : setting;
}
