import { execFileSync, spawnSync } from 'node:child_process';

import { installN8n } from '../installation/n8n';
import { runProgram } from '../program';

/*
 * npm run test:e2e: installs what the end-to-end tests need, and runs them. `-- --n8n 2.0.0` runs them with another
 * version of n8n; every other argument is passed to Jest.
 */

/** What the end-to-end tests need on the machine: each command, and the Debian package that has it. */
const PROGRAMS = { chromium: 'chromium', 'redis-server': 'redis-server' };

function isInstalled(command: string): boolean {
	return spawnSync('which', [command], { stdio: 'ignore' }).status === 0;
}

function installPrograms(): void {
	const missing = Object.entries(PROGRAMS).filter(([command]) => !isInstalled(command));
	const packages = missing.map(([, name]) => name);
	if (packages.length === 0) return;
	if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
		throw new Error(`The end-to-end tests need ${packages.join(' and ')}. Install them first.`);
	}
	console.log(`Installing ${packages.join(' and ')} ...`);
	execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
	const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
	execFileSync('apt-get', install, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function main(): Promise<number> {
	const jestArguments = process.argv.slice(2);
	const at = jestArguments.indexOf('--n8n');
	const [, version] = at === -1 ? [] : jestArguments.splice(at, 2);
	installPrograms();
	await installN8n(version);
	const { status } = spawnSync(
		'npx',
		['jest', '--config', 'test/e2e/jest.config.js', ...jestArguments],
		{ env: { ...process.env, ...(version && { TEST_N8N_VERSION: version }) }, stdio: 'inherit' },
	);
	return status ?? 1;
}

runProgram(main);
