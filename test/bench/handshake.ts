import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AgentOptions } from 'node:https';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createSecureContext } from 'node:tls';

import pLimit from 'p-limit';

import { ensureN8n } from '../installation/n8n';
import { makeCertificate } from '../simulator/certificate';

/*
 * What the TLS handshake of a request costs n8n, which makes a new agent for each, and what could be saved of it if a
 * node had Node's `tls` module or the socket of an answer at hand. On the Node that n8n itself demands:
 *
 *     npm run bench:handshake
 */

const [ROLE, FOLDER = mkdtempSync(join(tmpdir(), 'handshake-'))] = process.argv.slice(2);
const FILES = { key: join(FOLDER, 'key.pem'), cert: join(FOLDER, 'cert.pem') };
const REQUESTS = 2_000;
const AT_ONCE = 50;
const ROUNDS = 3;

async function serve(): Promise<void> {
	const certificate = { key: readFileSync(FILES.key), cert: readFileSync(FILES.cert) };
	const server = createServer(certificate, (_request, response) => {
		response.end('{"code":0,"msg":"success"}');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	process.once('disconnect', () => process.exit(0));
	process.send?.((server.address() as AddressInfo).port);
}

let session: Buffer | undefined;

async function send(port: number, options: AgentOptions): Promise<void> {
	const agent = new Agent(options);
	const sent = request({ port, host: '127.0.0.1', method: 'PATCH', agent });
	sent.on('socket', (socket) => {
		(socket as TLSSocket).on('session', (newest) => (session = newest));
	});
	sent.end();
	const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
	response.resume();
	await once(response, 'end');
}

async function measure(port: number): Promise<void> {
	const secureContext = createSecureContext();
	const ways: Array<[string, () => AgentOptions]> = [
		['as n8n does it', () => ({})],
		['with one secure context for all', () => ({ secureContext })],
		['with the last session resumed', () => ({ session })],
		['with both', () => ({ secureContext, session })],
	];
	const limit = pLimit(AT_ONCE);
	for (let round = 0; round < ROUNDS; round++) {
		for (const [way, options] of ways) {
			const cpu = process.cpuUsage();
			await Promise.all(
				Array.from({ length: REQUESTS }, async () => {
					await limit(async () => await send(port, options()));
				}),
			);
			const { user, system } = process.cpuUsage(cpu);
			const each = (user + system) / 1000 / REQUESTS;
			console.log(`round ${round + 1}: ${each.toFixed(2)} ms of CPU a request, ${way}`);
		}
	}
}

async function main(): Promise<void> {
	const { node } = await ensureN8n();
	const { key, cert } = makeCertificate();
	writeFileSync(FILES.key, key, { mode: 0o600 });
	writeFileSync(FILES.cert, cert);
	const start = (role: string) =>
		fork(__filename, [role, FOLDER], {
			execPath: node,
			execArgv: process.execArgv,
			env: { ...process.env, NODE_EXTRA_CA_CERTS: FILES.cert },
		});
	const server = start('server');
	const [port] = (await once(server, 'message')) as [number];
	const client = start('client');
	client.send(port);
	await once(client, 'exit');
	server.disconnect();
	rmSync(FOLDER, { recursive: true, force: true });
}

if (ROLE === 'server') void serve();
else if (ROLE === 'client') {
	process.once('message', (port: number) => {
		void measure(port).then(() => process.exit(0));
	});
} else void main();
