import { example, EXAMPLES } from '../examples';
import { KooDriveSimulator } from '../simulator';
import { N8nServer, OWNER } from './server';
import { createCredential, credentialFor, importWorkflow } from './workflows';

/*
 * npm run dev: a real n8n with the package in it, a simulated KooDrive, a credential for that and the
 * examples, for whoever wants to click.
 */

const N8N_PORT = 5678;
const LOCK_IDS = [
	'78e41c7e-db02-4d55-85b3-8153e4fefd2e@102',
	'78e41c7e-db02-4d55-85b3-8153e4fefd2e@100',
];

async function dev(): Promise<void> {
	const simulator = await new KooDriveSimulator().start();
	simulator.keepsRequests = false;
	simulator.faultFor = ({ method, target }) => {
		console.log(`  KooDrive received ${method} ${target}`);
		return undefined;
	};
	const revive = () => LOCK_IDS.forEach((lockId) => simulator.locks.create('', lockId));
	revive();
	// The examples name them, and somebody may click for hours.
	const reviving = setInterval(revive, 60_000);
	const server = await N8nServer.prepare({ N8N_LOG_LEVEL: 'warn' }, N8N_PORT);
	const stop = () => {
		console.log('\nStopping ...');
		clearInterval(reviving);
		void Promise.all([server.stop(), simulator.stop()]).then(() => process.exit(0));
	};
	process.once('SIGINT', stop).once('SIGTERM', stop);

	console.log('Starting n8n ...');
	await server.start();
	await server.signIn();
	const credential = await createCredential(server, credentialFor(simulator), 'Simulated KooDrive');
	for (const name of EXAMPLES) await importWorkflow(server, example(name), credential);
	console.log(`
n8n is ready at http://localhost:${N8N_PORT}

  sign in     ${OWNER.email}
  password    ${OWNER.password}
  KooDrive    simulated at ${simulator.endpoint}; the credential "Simulated KooDrive" is for it
  workflows   the ${EXAMPLES.length} examples, ready to execute

Stop it with Ctrl+C. Nothing is kept.
`);
}

dev().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
});
