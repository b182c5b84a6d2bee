import { ensureN8n } from '../installation/n8n';
import type { Round } from './handshakes';
import { ask, Processes } from './processes';
import type { Prepare, Prepared } from './server';

/*
 * What the TLS handshake of a request costs n8n, which makes a new agent for each, and what could be saved of it if a
 * node had Node's `tls` module or the socket of an answer at hand. On the Node that n8n itself demands:
 *
 *     npm run bench:handshake
 */

async function main(): Promise<void> {
	const processes = new Processes(await ensureN8n());
	const server = processes.start('server.ts');
	const prepare: Prepare = { scheme: 'https', locks: 0, latency: 0, faults: 0 };
	const prepared = await ask<Prepared>(server, prepare);
	const rounds = await ask<Round[]>(processes.start('handshakes.ts'), prepared);
	for (const { round, way, milliseconds } of rounds)
		console.log(`round ${round}: ${milliseconds.toFixed(2)} ms of CPU a request, ${way}`);
	server.disconnect();
	processes.end();
}

void main();
