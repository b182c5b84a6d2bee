import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { example, EXAMPLES, withDevice, withFolder } from '../examples';
import { KooDriveSimulator } from '../simulator';
import { N8nServer, OWNER } from './server';
import { createCredential, credentialFor, importWorkflow } from './workflows';

/*
 * npm run dev: a real n8n with the package installed, a simulated KooDrive, a credential for it, and the examples, to
 * try everything in the editor.
 */

const N8N_PORT = 5678;
const LOCK_IDS = [
	'78e41c7e-db02-4d55-85b3-8153e4fefd2e@102',
	'78e41c7e-db02-4d55-85b3-8153e4fefd2e@100',
];

async function dev(): Promise<void> {
	// A signal may come several times: from the terminal, and from the programs that started this one.
	let isStopping = false;
	let stop = async () => {};
	const onSignal = () => {
		if (isStopping) return;
		isStopping = true;
		console.log('\nStopping ...');
		void stop().finally(() => process.exit(0));
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);

	const simulator = await new KooDriveSimulator().start();
	simulator.keepsRequests = false;
	simulator.faultFor = ({ method, target }) => {
		console.log(`  KooDrive received ${method} ${target}`);
		return undefined;
	};
	const createLocks = () => LOCK_IDS.forEach((lockId) => simulator.locks.create('', lockId));
	createLocks();
	// The examples use these locks, and they would expire.
	const timer = setInterval(createLocks, 60_000);
	const server = await N8nServer.prepare({ N8N_LOG_LEVEL: 'warn' }, N8N_PORT);
	stop = async () => {
		clearInterval(timer);
		await Promise.all([server.stop(), simulator.stop()]);
	};
	try {
		await fill(server, simulator);
	} catch (error) {
		// A signal ends n8n too.
		if (isStopping) return;
		await stop();
		throw error;
	}
}

/** Starts n8n, with something to try in it. */
async function fill(server: N8nServer, simulator: KooDriveSimulator): Promise<void> {
	console.log('Starting n8n ...');
	await server.start();
	await server.signIn();
	const credential = await createCredential(server, credentialFor(simulator), 'Simulated KooDrive');
	const { deviceId } = simulator.devices.bind('dev', 'file-server-1', 'Linux');
	const folder = join(server.userFolder, '.n8n-files');
	const documents = join(folder, 'documents');
	for (const path of [documents, join(folder, 'restored')]) mkdirSync(path, { recursive: true });
	for (const name of ['invoices.csv', 'report.txt']) writeFileSync(join(documents, name), name);
	for (const name of EXAMPLES) {
		await importWorkflow(server, example(name), credential, (node) => {
			withDevice(deviceId)(node);
			withFolder(folder)(node);
			if (!node.type.endsWith('.httpRequest')) return;
			node.parameters.url = `${simulator.endpoint}/koodrive/ose/v1/session/auth`;
		});
	}
	console.log(`
n8n is ready at http://localhost:${N8N_PORT}

  sign in     ${OWNER.email}
  password    ${OWNER.password}
  KooDrive    simulated at ${simulator.endpoint}; use the credential "Simulated KooDrive"
  workflows   the ${EXAMPLES.length} examples, ready to execute
  files       ${folder}

Stop it with Ctrl+C. Everything is deleted then.
`);
}

dev().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
});
