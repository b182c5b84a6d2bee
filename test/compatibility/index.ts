import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CACHE } from '../installation/cache';

/*
 * npm run compatibility: all tests but the end-to-end ones, on the n8n libraries of the oldest n8n that is
 * supported and of the newest one that is published.
 */

/** n8n's error output takes our failed items from this version on. */
const OLDEST = '2.36.0';

const ROOT = resolve(__dirname, '../..');

function newest(): string {
	return execFileSync('npm', ['view', 'n8n-core', 'version'], { encoding: 'utf8' }).trim();
}

/** Installs n8n-core with the libraries that it asks for, n8n-workflow among them. */
function install(version: string): string {
	const folder = join(CACHE, `libraries-${version}`);
	const done = join(folder, 'complete');
	if (existsSync(done)) return folder;
	console.log(`Installing n8n-core ${version} ...`);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'package.json'), '{ "name": "libraries", "private": true }');
	const command = ['install', `n8n-core@${version}`, '--ignore-scripts', '--loglevel=error'];
	execFileSync('npm', [...command, '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
	writeFileSync(done, '');
	return folder;
}

function passes(version: string): boolean {
	const libraries = install(version);
	console.log(`\nThe tests on the libraries of n8n ${version}, Node ${process.version}\n`);
	const { status } = spawnSync('npx', ['jest', '--config', 'test/compatibility/jest.config.js'], {
		cwd: ROOT,
		env: { ...process.env, N8N_LIBRARIES: libraries },
		stdio: 'inherit',
	});
	return status === 0;
}

const verdicts = [OLDEST, newest()].map((version) => ({ version, passed: passes(version) }));
console.log();
for (const { version, passed } of verdicts) {
	console.log(`n8n ${version}: ${passed ? 'all tests passed' : 'TESTS FAILED'}`);
}
process.exitCode = verdicts.every(({ passed }) => passed) ? 0 : 1;
