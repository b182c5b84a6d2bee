import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/* npm run verify:release -- v1.2.3 owner/repository: what must hold before the tag is published. */

const ROOT = resolve(__dirname, '../..');

/** What the repository contains until a maintainer has set it up: see CONTRIBUTING.md. */
const PLACEHOLDER = /n8n-nodes-koodrive maintainers|\.example\b/;

/** What a release depends on. */
export interface Sources {
	packageJson: { version: string; author: object; repository: { url: string } };
	changelog: string;
	license: string;
	/** The repositories of this name that files link to, such as `owner/n8n-nodes-koodrive`. */
	linkedRepositories: string[];
}

export function readSources(): Sources {
	const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
	const links = execFileSync(
		'git',
		['grep', '-hoIE', 'github[a-z]*\\.com/[A-Za-z0-9-]+/n8n-nodes-koodrive'],
		{ cwd: ROOT, encoding: 'utf8' },
	);
	const repositories = links.match(/(?<=\.com\/).+/g) ?? [];
	return {
		packageJson: JSON.parse(read('package.json')) as Sources['packageJson'],
		changelog: read('CHANGELOG.md'),
		license: read('LICENSE'),
		linkedRepositories: [...new Set(repositories)],
	};
}

/** Returns why the tag must not be published. */
export function findProblems(tag: string, repository: string, sources: Sources): string[] {
	const { packageJson, changelog, license, linkedRepositories } = sources;
	const [, version] = /^v(\d+\.\d+\.\d+)$/.exec(tag) ?? [];
	if (version === undefined) return [`${tag} isn't a tag such as v1.2.3`];
	const [heading = ''] = /^## .*$/m.exec(changelog) ?? [];
	const [name, date = ''] = heading.split(' - ');
	const { url } = packageJson.repository;
	const problems: Array<string | false> = [
		packageJson.version !== version && `package.json has the version ${packageJson.version}`,
		name !== `## [${version}]` && `CHANGELOG.md begins with another version: ${heading}`,
		!/^\d{4}-\d\d-\d\d$/.test(date) && `the version in CHANGELOG.md has no date: ${heading}`,
		PLACEHOLDER.test(JSON.stringify(packageJson.author)) &&
			'the author in package.json is a placeholder',
		PLACEHOLDER.test(license) && 'the copyright holder in LICENSE is a placeholder',
		url !== `git+https://github.com/${repository}.git` &&
			`the repository in package.json is ${url}, and this is ${repository}`,
		linkedRepositories.some((linked) => linked !== repository) &&
			`files link to ${linkedRepositories.join(', ')}, and this is ${repository}`,
	];
	return problems.filter((problem) => problem !== false);
}

if (require.main === module) {
	const [tag = '', repository = ''] = process.argv.slice(2);
	const problems = findProblems(tag, repository, readSources());
	for (const problem of problems) console.error(`  ${problem}`);
	console.log(`${problems.length} problems`);
	process.exitCode = problems.length === 0 ? 0 : 1;
}
