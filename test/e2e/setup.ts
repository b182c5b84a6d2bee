import { KooDriveSimulator } from '../simulator';
import { N8nServer } from './server';

/** What each file of end-to-end tests works with. */
export interface Setup {
	simulator: KooDriveSimulator;
	/** A server that runs, with its owner signed in. */
	server: N8nServer;
}

let setup: Partial<Setup> = {};

/** Starts a simulated KooDrive and an n8n server, and stops them after the last test of the file. */
export async function startServer(environment?: Record<string, string>): Promise<Setup> {
	const simulator = await new KooDriveSimulator().start();
	setup = { simulator };
	const server = await N8nServer.prepare(environment);
	setup = { simulator, server };
	await server.start();
	await server.signIn();
	return { simulator, server };
}
afterAll(async () => {
	await setup.server?.stop();
	await setup.simulator?.stop();
});
