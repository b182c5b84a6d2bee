import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import type { ServerProcess } from './server';
import { freePort, N8nServer } from './server';
import type { Step } from './keepAlive';
import { keepingAlive, RENEW_EVERY, sentFor, untilSilent, wait } from './keepAlive';
import type { StoredWorkflow } from './workflows';
import { activate, createCredential, credentialFor, importWorkflow, NODE_TYPE } from './workflows';

const COUNT = 200;
const CONCURRENCY = 5;

let simulator: KooDriveSimulator;
let server: N8nServer;
let redis: ChildProcess;
let redisFolder: string;
let workers: ServerProcess[];

beforeAll(async () => {
	const redisPort = String(await freePort());
	redisFolder = mkdtempSync(join(tmpdir(), 'redis-'));
	const quiet = ['--bind', '127.0.0.1', '--save', '', '--dir', redisFolder];
	redis = spawn('redis-server', ['--port', redisPort, ...quiet], { stdio: 'ignore' });
	simulator = await new KooDriveSimulator().start();
	server = await N8nServer.prepare({
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: redisPort,
		N8N_ENCRYPTION_KEY: 'one key for the main process and its workers',
	});
	await server.start();
	workers = [await startWorker(), await startWorker()];
	await server.signIn();
});
afterAll(async () => {
	await server?.stop();
	await simulator.stop();
	redis.kill();
	rmSync(redisFolder, { recursive: true, force: true });
});

async function startWorker(): Promise<ServerProcess> {
	const worker = await server.spawn(['worker', `--concurrency=${CONCURRENCY}`], {
		QUEUE_HEALTH_CHECK_PORT: String(await freePort()),
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '60',
	});
	await until('the worker is ready', () => worker.log.includes('n8n worker is now ready'));
	return worker;
}

function startedBy({ log }: ServerProcess): number {
	return new Set(log.match(/Worker started execution \d+/g)).size;
}

function renewed(lockIds: string[]): string[] {
	const seen = new Set(simulator.requests.map(({ headers }) => headers['x-backup-lock-id']));
	return lockIds.filter((lockId) => seen.has(lockId));
}

async function activateWebhook(path: string): Promise<void> {
	const credential = await createCredential(server, credentialFor(simulator), path);
	const workflow = await importWorkflow(
		server,
		{
			name: path,
			nodes: [
				{
					id: '1',
					name: 'Webhook',
					type: 'n8n-nodes-base.webhook',
					typeVersion: 2,
					position: [0, 0],
					webhookId: path,
					parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
				},
				{
					id: '2',
					name: 'Renew',
					type: NODE_TYPE,
					typeVersion: 1,
					position: [200, 0],
					parameters: { operation: 'renew', lockId: '={{ $json.body.lockId }}', options: {} },
				},
			],
			connections: { Webhook: { main: [[{ node: 'Renew', type: 'main', index: 0 }]] } },
		},
		credential,
	);
	await activateAtWebhook(workflow, path);
}

async function activateAtWebhook(workflow: StoredWorkflow, path: string): Promise<void> {
	await activate(server, workflow);
	// n8n registers the webhook a little later, and then knows that it wants another method.
	await until('the webhook is registered', async () => {
		const response = await fetch(`${server.url}/webhook/${path}`);
		return (await response.text()).includes('POST');
	});
}

/** Has the only worker that is left keep a lock alive during a step. */
async function keepOnWorker(path: string, step: Step): Promise<string> {
	const credential = await createCredential(server, credentialFor(simulator), path);
	const lockId = simulator.locks.create('100');
	const parameters = { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} };
	const webhook = { type: 'n8n-nodes-base.webhook', typeVersion: 2, parameters, webhookId: path };
	const workflow = keepingAlive(lockId, [step], {}, webhook);
	await activateAtWebhook(await importWorkflow(server, workflow, credential), path);
	await request(path, [lockId]);
	await until('there were renewals', () => sentFor(simulator, lockId).length >= 2);
	return lockId;
}

async function request(path: string, lockIds: string[]): Promise<void> {
	for (const lockId of lockIds) {
		const response = await fetch(`${server.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ lockId }),
		});
		expect(response.status).toBe(200);
	}
}

function locks(): string[] {
	return Array.from({ length: COUNT }, () => simulator.locks.create('100'));
}

test('200 executions are spread over both workers, and every lock is renewed', async () => {
	await activateWebhook('spread');
	const lockIds = locks();
	await request('spread', lockIds);
	await until('all locks are renewed', () => renewed(lockIds).length === COUNT, 120_000);
	const shares = workers.map(startedBy);
	expect(shares[0]! + shares[1]!).toBe(COUNT);
	expect(Math.min(...shares)).toBeGreaterThan(COUNT / 10);
	expect(simulator.requests).toHaveLength(COUNT);
});

test('when a worker is killed in the middle, nothing is lost but what it had in its hands', async () => {
	await activateWebhook('killed');
	simulator.latency = 50;
	const lockIds = locks();
	const requested = request('killed', lockIds);
	await until('a quarter is done', () => renewed(lockIds).length > COUNT / 4, 60_000);
	workers[0]!.child.kill('SIGKILL');
	await requested;
	const rest = () => COUNT - renewed(lockIds).length;
	await until('the other worker has done the rest', () => rest() <= CONCURRENCY, 120_000);
	// n8n gives the jobs of a dead worker to another one, or marks their executions as crashed.
	await new Promise((resolve) => setTimeout(resolve, 3000));
	expect(rest()).toBeLessThanOrEqual(CONCURRENCY);
	expect(workers[1]!.child.exitCode).toBeNull();
});

test('a worker that is stopped gracefully renews until the execution in its hands has ended', async () => {
	const [, worker] = workers;
	const lockId = await keepOnWorker('graceful', wait(40));
	const before = sentFor(simulator, lockId).length;
	worker!.child.kill('SIGTERM');
	await until('the worker has ended', () => worker!.child.exitCode !== null, 90_000);
	expect(sentFor(simulator, lockId).length).toBeGreaterThanOrEqual(before + 2);
	expect(worker!.log).toContain('finished successfully');
	expect(await untilSilent(simulator, lockId)).toBe(true);
});

test('when a worker is killed, nothing renews its lock any more, and the lock lapses', async () => {
	const worker = await startWorker();
	const lockId = await keepOnWorker('lapse', wait(60));
	worker.child.kill('SIGKILL');
	expect(await untilSilent(simulator, lockId)).toBe(true);
	simulator.clock.advance(600_000 - RENEW_EVERY * 1000);
	expect(simulator.locks.isAlive(lockId)).toBe(false);
});

test('no process printed the token', () => {
	expect(server.log.length).toBeGreaterThan(10_000);
	expect(server.log).not.toContain(simulator.account.accessToken);
});
