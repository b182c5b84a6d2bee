import { KooDriveSimulator } from '../simulator';
import { N8nServer } from './server';
import type { StoredCredential } from './workflows';
import { createCredential, credentialFor } from './workflows';

/** What each file of end-to-end tests works with. */
export interface Setup {
	simulator: KooDriveSimulator;
	/** A server that runs, with its owner signed in. */
	server: N8nServer;
	/** A credential of the server that the simulator accepts. */
	credential: StoredCredential;
}

const stops: Array<() => unknown> = [];

/** Stops a service after the last test of the file. Those that were started last are stopped first. */
export function stopAtEnd(stop: () => unknown): void {
	stops.unshift(stop);
}
afterAll(async () => {
	for (const stop of stops) await stop();
});

/** Starts a simulated KooDrive and an n8n server, and stops them after the last test of the file. */
export async function startServer(
	environment?: Record<string, string>,
): Promise<Omit<Setup, 'credential'>> {
	const simulator = await new KooDriveSimulator().start();
	stopAtEnd(async () => await simulator.stop());
	const server = await N8nServer.prepare(environment);
	stopAtEnd(async () => await server.stop());
	await server.start();
	await server.signIn();
	return { simulator, server };
}

/** Does the same, and creates a credential. */
export async function startWithCredential(environment?: Record<string, string>): Promise<Setup> {
	const started = await startServer(environment);
	const { simulator, server } = started;
	return { ...started, credential: await createCredential(server, credentialFor(simulator)) };
}
