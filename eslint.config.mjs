import { config } from '@n8n/node-cli/eslint';

// n8n's rules are about code that n8n loads. Tests, examples and tools run beside it, in Node itself.
const besideTheProduct = ['test/**/*.ts', 'examples/**/*.ts', 'docs/**/*.ts'];

export default [
	{ ignores: ['dist/', 'coverage/', 'reports/', '.stryker-tmp/'] },
	...config,
	{
		files: besideTheProduct,
		rules: {
			'no-console': 'off',
			'@n8n/community-nodes/no-restricted-globals': 'off',
			'@n8n/community-nodes/no-restricted-imports': 'off',
			'@n8n/community-nodes/no-dangerous-functions': 'off',
			'@n8n/community-nodes/require-node-api-error': 'off',
			'@n8n/community-nodes/no-hardcoded-secrets': 'off',
			'import-x/no-named-as-default-member': 'off',
		},
	},
];
