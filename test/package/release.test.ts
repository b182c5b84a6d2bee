import type { Sources } from './release';
import { findProblems, readSources } from './release';

const REPOSITORY = 'acme/n8n-nodes-koodrive';

const ready: Sources = {
	packageJson: {
		version: '1.2.3',
		author: { name: 'Ada Acme', email: 'ada@acme.com' },
		repository: { url: `git+https://github.com/${REPOSITORY}.git` },
	},
	changelog: '# Changelog\n\n## [1.2.3] - 2026-12-01\n\n## [1.2.2] - 2026-11-01\n',
	license: 'Copyright (c) 2026 Ada Acme',
	linkedRepositories: [REPOSITORY],
};

const { packageJson } = ready;

test('publishes a tag whose version has a date, without placeholders', () => {
	expect(findProblems('v1.2.3', REPOSITORY, ready)).toEqual([]);
});

test.each<[string, string, Partial<Sources>]>([
	['v1.2', 'such as v1.2.3', {}],
	['v1.2.4', 'the version 1.2.3', { changelog: '## [1.2.4] - 2026-12-01' }],
	['v1.2.3', 'another version', { changelog: '## [1.2.2] - 2026-12-01' }],
	['v1.2.3', 'no date', { changelog: '## [1.2.3] - Unreleased' }],
	['v1.2.3', 'no date', { changelog: '## [1.2.3]' }],
	[
		'v1.2.3',
		'the author',
		{ packageJson: { ...packageJson, author: { name: 'Ada', email: 'ada@acme.example' } } },
	],
	['v1.2.3', 'the copyright holder', { license: '(c) 2026 n8n-nodes-koodrive maintainers' }],
	[
		'v1.2.3',
		'the repository in package.json',
		{ packageJson: { ...packageJson, repository: { url: 'git+https://github.com/a/b.git' } } },
	],
	['v1.2.3', 'files link to', { linkedRepositories: [REPOSITORY, 'b/n8n-nodes-koodrive'] }],
])('stops %s: %s', (tag, problem, change) => {
	const problems = findProblems(tag, REPOSITORY, { ...ready, ...change });
	expect(problems).toEqual([expect.stringContaining(problem)]);
});

test('finds the repository that the files of this one link to', () => {
	const { packageJson: actual, linkedRepositories } = readSources();
	const [, repository] = /github\.com\/(.+)\.git/.exec(actual.repository.url) ?? [];
	expect(linkedRepositories).toEqual([repository]);
});
