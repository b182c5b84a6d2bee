import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Outside the repository, so that a clean clone finds what was installed before. */
const CACHE = join(homedir(), '.cache', 'n8n-nodes-koodrive');

/** npm packages that are installed together, in a separate folder. */
export interface PackageSet {
	/** The name of the folder. */
	folder: string;
	/** What it is, for the progress lines. */
	title: string;
	/** Names what npm installs, for example `n8n@2.41.1`; called only if it isn't installed. */
	packages: () => string[];
	/** Versions that npm installs in place of those that the packages ask for. */
	overrides?: Record<string, string>;
	/** More options for `npm install`. */
	options?: string[];
	/** Whether npm runs the packages' install scripts. */
	runScripts?: boolean;
	/** The name of the file that says that the set is complete. */
	marker?: string;
	/** What is left to do after `npm install`. */
	finish?: (folder: string) => Promise<void>;
}

/**
 * Installs a set of packages unless it is installed already. The marker is written last, so an installation that
 * was interrupted starts over.
 *
 * @returns the folder `node_modules`
 */
export async function install(set: PackageSet): Promise<string> {
	const { title, packages, overrides, options = [], runScripts = false, finish } = set;
	const folder = join(CACHE, set.folder);
	const modules = join(folder, 'node_modules');
	const marker = join(folder, set.marker ?? 'complete');
	if (existsSync(marker)) return modules;
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const manifest = { name: 'under-test', private: true, overrides };
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	const command = ['install', ...packages(), `--ignore-scripts=${!runScripts}`, ...options];
	await npm(`Installing ${title}`, folder, command);
	await finish?.(folder);
	writeFileSync(marker, '');
	return modules;
}

/** Runs an npm command and prints every 30 seconds that it's still running. */
export async function npm(
	title: string,
	folder: string,
	command: string[],
	environment: NodeJS.ProcessEnv = {},
): Promise<void> {
	const began = Date.now();
	const report = (state: string) =>
		console.log(`${title}${state} (${Math.round((Date.now() - began) / 1000)} s)`);
	console.log(`${title} ...`);
	const timer = setInterval(() => report(' is still running'), 30_000);
	const child = spawn('npm', [...command, '--no-audit', '--no-fund', '--loglevel=error'], {
		cwd: folder,
		env: { ...process.env, ...environment },
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	const exitCode = await new Promise<number | null>((done) => child.on('exit', done));
	clearInterval(timer);
	if (exitCode !== 0) throw new Error(`npm ${command.join(' ')} exited with code ${exitCode}`);
	report(': done');
}
