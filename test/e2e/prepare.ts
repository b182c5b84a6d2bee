import { execFileSync } from 'node:child_process';

import { ensureN8n } from '../installation/n8n';

/** What the end-to-end tests need of the machine, by the command and by Debian's package. */
const PROGRAMS = { chromium: 'chromium', 'redis-server': 'redis-server' };

function isInstalled(command: string): boolean {
	try {
		execFileSync('which', [command], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

/** Installs what is missing of the machine's programs, where that is possible, and the n8n server. */
async function prepare(): Promise<void> {
	const missing = Object.entries(PROGRAMS).filter(([command]) => !isInstalled(command));
	const packages = missing.map(([, name]) => name);
	if (packages.length > 0) {
		if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
			throw new Error(
				`The end-to-end tests need ${packages.join(' and ')}. Please install them first.`,
			);
		}
		console.log(`Installing ${packages.join(' and ')} ...`);
		execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
		const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
		execFileSync('apt-get', install, { stdio: ['ignore', 'ignore', 'inherit'] });
	}
	await ensureN8n();
}

prepare().then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	},
);
