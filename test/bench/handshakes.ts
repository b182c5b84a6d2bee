import { once } from 'node:events';
import type { AgentOptions } from 'node:https';
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { createSecureContext } from 'node:tls';

import pLimit from 'p-limit';

import type { Prepared } from './server';

/*
 * The client of `npm run bench:handshake`, in a process of its own, so that its CPU is its own: requests that each
 * make an agent, as n8n does, and the same with what Node's `tls` module could save.
 */

const REQUESTS = 2_000;
const AT_ONCE = 50;
const ROUNDS = 3;

/** What each request took in one round, in milliseconds of CPU. */
export interface Round {
	round: number;
	way: string;
	milliseconds: number;
}

let session: Buffer | undefined;

async function send(endpoint: string, options: AgentOptions): Promise<void> {
	const sent = request(endpoint, { agent: new Agent(options) });
	sent.on('socket', (socket) => {
		(socket as TLSSocket).on('session', (newest) => (session = newest));
	});
	sent.end();
	const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
	response.resume();
	await once(response, 'end');
}

async function measure({ endpoint }: Prepared): Promise<Round[]> {
	const secureContext = createSecureContext();
	const ways: Array<[string, () => AgentOptions]> = [
		['as n8n does it', () => ({})],
		['with one secure context for all', () => ({ secureContext })],
		['with the last session resumed', () => ({ session })],
		['with both', () => ({ secureContext, session })],
	];
	const limit = pLimit(AT_ONCE);
	const rounds: Round[] = [];
	for (let round = 1; round <= ROUNDS; round++) {
		for (const [way, options] of ways) {
			const cpu = process.cpuUsage();
			await Promise.all(
				Array.from({ length: REQUESTS }, async () => {
					await limit(async () => await send(endpoint, options()));
				}),
			);
			const { user, system } = process.cpuUsage(cpu);
			rounds.push({ round, way, milliseconds: (user + system) / 1000 / REQUESTS });
		}
	}
	return rounds;
}

process.once('message', (prepared: Prepared) => {
	void measure(prepared).then((rounds) => process.send?.(rounds, () => process.exit(0)));
});
