import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { install } from '../installation/install';
import { runProgram } from '../program';

/*
 * npm run compatibility: the tests, each time with the libraries of another n8n version. `-- --only 2.0.0` runs one of
 * them, and takes any version of n8n and npm's tags as well, for example `latest`.
 */

/** The first version of each change of n8n that the package has to deal with, and the one it's developed with. */
const VERSIONS = ['1.123.0', '2.0.0', '2.20.0', '2.33.0', '2.35.0', '2.41.1'];

const ROOT = resolve(__dirname, '../..');
const REPORTS = join(ROOT, 'reports/compatibility');

/** What Jest's `--json` writes, as far as it's needed here. */
interface JestResults {
	numPassedTests: number;
	testResults: Array<{
		name: string;
		message: string;
		assertionResults: Array<{ fullName: string; status: string }>;
	}>;
}

interface Outcome {
	version: string;
	passed: number;
	failed: string[];
	skipped: string[];
	seconds: number;
}

function view(name: string, field: string): string {
	return execFileSync('npm', ['view', name, field], { encoding: 'utf8' }).trim();
}

/** Installs the libraries that an n8n version consists of: n8n-core, and what that requires. */
async function installLibraries(version: string): Promise<string> {
	return await install({
		folder: `libraries-${version}`,
		title: `the libraries of n8n ${version}`,
		packages: () => [`n8n-core@${view(`n8n@${version}`, 'dependencies.n8n-core')}`],
	});
}

async function runTests(wanted: string): Promise<Outcome> {
	const version = /^\d/.test(wanted) ? wanted : view(`n8n@${wanted}`, 'version');
	const libraries = await installLibraries(version);
	console.log(`\nTesting with the libraries of n8n ${version} on Node ${process.version}\n`);
	const file = join(REPORTS, `${version}.json`);
	rmSync(file, { force: true });
	const began = Date.now();
	spawnSync(
		'npx',
		['jest', '--config', 'test/compatibility/jest.config.js', '--json', '--outputFile', file],
		{
			cwd: ROOT,
			env: { ...process.env, TEST_N8N_LIBRARIES: libraries, TEST_N8N_VERSION: version },
			stdio: ['ignore', 'ignore', 'inherit'],
		},
	);
	const seconds = Math.round((Date.now() - began) / 1000);
	const results = JSON.parse(readFileSync(file, 'utf8')) as JestResults;
	const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
	const named = (status: string) =>
		tests.filter((test) => test.status === status).map(({ fullName }) => fullName);
	const broken = results.testResults
		.filter(({ assertionResults, message }) => assertionResults.length === 0 && message !== '')
		.map(({ name }) => `all of ${name}`);
	const skipped = named('pending');
	const silent = skipped.filter((name) => !/\(needs n8n [\d.]+, .+\)$/.test(name));
	return {
		version,
		passed: results.numPassedTests,
		failed: [...named('failed'), ...broken, ...silent.map((name) => `${name}: skipped, no reason`)],
		skipped,
		seconds,
	};
}

function report(outcomes: Outcome[]): string {
	const rows = outcomes.map(
		({ version, passed, failed, skipped, seconds }) =>
			`| ${version} | ${passed} | ${failed.length} | ${skipped.length} | ${seconds} |`,
	);
	const list = (what: string, names: (outcome: Outcome) => string[]) =>
		outcomes
			.filter((outcome) => names(outcome).length > 0)
			.map(
				(outcome) =>
					`\n${what} with n8n ${outcome.version}:\n${names(outcome)
						.map((name) => `- ${name}`)
						.join('\n')}`,
			);
	return [
		...list('Skipped', ({ skipped }) => skipped),
		...list('Failed', ({ failed }) => failed),
		'',
		'| n8n | passed | failed | skipped | seconds |',
		'| --- | ---: | ---: | ---: | ---: |',
		...rows,
	].join('\n');
}

async function main(): Promise<number> {
	const { only } = parseArgs({ options: { only: { type: 'string', multiple: true } } }).values;
	mkdirSync(REPORTS, { recursive: true });
	const outcomes: Outcome[] = [];
	for (const version of only ?? VERSIONS) outcomes.push(await runTests(version));
	console.log(`\n${report(outcomes)}`);
	return outcomes.every(({ passed, failed }) => passed > 0 && failed.length === 0) ? 0 : 1;
}

runProgram(main);
