import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/**
 * Installs the packed package into a user folder, as n8n's own installer leaves a community package there:
 * unpacked under `nodes`, without what is for developers. TEST_PACKAGE names a tarball to install in place of a new one.
 *
 * @param userFolder the folder that N8N_USER_FOLDER names
 */
export function installPackage(userFolder: string): void {
	const nodes = join(userFolder, '.n8n', 'nodes');
	const target = join(nodes, 'node_modules', 'n8n-nodes-koodrive');
	mkdirSync(target, { recursive: true });
	const tarball = process.env.TEST_PACKAGE ?? pack(nodes);
	execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);

	const manifest = join(target, 'package.json');
	const packageJson = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
	for (const field of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
		delete packageJson[field];
	}
	writeFileSync(manifest, JSON.stringify(packageJson, null, 2));
	writeFileSync(
		join(nodes, 'package.json'),
		JSON.stringify({
			name: 'installed-nodes',
			private: true,
			dependencies: { 'n8n-nodes-koodrive': packageJson.version },
		}),
	);
}

function pack(folder: string): string {
	execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
	return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
}
