import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { WorkflowJson } from '../engine';
import { example } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { faults } from '../simulator';
import { until } from '../until';
import { isSilent, keepingAlive, release, RENEW_EVERY, sentFor, wait } from './keepAlive';
import type { N8nServer, ServerProcess } from './server';
import { freePort } from './server';
import { startWithCredential, stopAtEnd } from './setup';
import type { NodeJson, StoredCredential, StoredWorkflow } from './workflows';
import {
	activate,
	BACKUP_NODE_TYPE,
	executionsOf,
	finished,
	importWorkflow,
	NODE_TYPE,
	reportOf,
	sequence,
	untilRegistered,
	webhookTrigger,
} from './workflows';

const COUNT = 200;
const CONCURRENCY = 5;

let simulator: KooDriveSimulator;
let server: N8nServer;
let credential: StoredCredential;
let workers: ServerProcess[];

beforeAll(async () => {
	const redisPort = String(await freePort());
	const redisFolder = mkdtempSync(join(tmpdir(), 'redis-'));
	const quiet = ['--bind', '127.0.0.1', '--save', '', '--dir', redisFolder];
	const redis = spawn('redis-server', ['--port', redisPort, ...quiet], { stdio: 'ignore' });
	stopAtEnd(() => {
		redis.kill();
		rmSync(redisFolder, { recursive: true, force: true });
	});
	({ simulator, server, credential } = await startWithCredential({
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: redisPort,
		N8N_ENCRYPTION_KEY: 'one key for the main process and its workers',
	}));
	workers = [await startWorker(), await startWorker()];
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

/** Publishes a workflow that starts with the webhook of this path. */
async function publish(path: string, workflow: WorkflowJson): Promise<StoredWorkflow> {
	const published = await importWorkflow(server, workflow, credential);
	await activate(server, published);
	await untilRegistered(server, path);
	return published;
}

/** Publishes a workflow that renews the lock of each request to this path. */
async function publishRenewal(path: string): Promise<void> {
	const renew: NodeJson = {
		type: NODE_TYPE,
		parameters: { operation: 'renew', lockId: '={{ $json.body.lockId }}', options: {} },
	};
	await publish(path, sequence(path, [webhookTrigger(path), renew]));
}

/** Has the only worker that is left keep a lock alive while another node runs. */
async function keepOnWorker(path: string, node: NodeJson): Promise<string> {
	const lockId = simulator.locks.create('100');
	await publish(path, keepingAlive(lockId, [node], {}, webhookTrigger(path)));
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

describe('with two workers', () => {
	const waiting: string[] = [];

	// A workflow that waits for more than 65 seconds is resumed by any worker.
	test('starts six executions that release their lock after a wait', async () => {
		for (let index = 0; index < 6; index++) {
			const lockId = simulator.locks.create('100');
			const path = `waiting-${index}`;
			const nodes = [wait(70), release(lockId)];
			await publish(path, keepingAlive(lockId, nodes, {}, webhookTrigger(path)));
			await request(path, [lockId]);
			waiting.push(lockId);
		}
	});

	test('spreads 200 executions over both workers, and renews every lock', async () => {
		await publishRenewal('spread');
		const lockIds = locks();
		const before = workers.map(startedBy);
		await request('spread', lockIds);
		await until('all locks are renewed', () => renewed(lockIds).length === COUNT, 120_000);
		const shares = workers.map((worker, index) => startedBy(worker) - before[index]!);
		expect(Math.min(...shares)).toBeGreaterThan(COUNT / 10);
		for (const lockId of lockIds) expect(sentFor(simulator, lockId)).toHaveLength(1);
	});

	test('reports no loss of a lock that the worker released which resumed the execution', async () => {
		const isReleased = (lockId: string) =>
			sentFor(simulator, lockId).some(({ method }) => method === 'DELETE');
		await until('all locks are released', () => waiting.every(isReleased), 150_000);
		// The worker that began the execution may renew the lock once more, and learn that it's gone.
		const silent = waiting.map(async (lockId) => await isSilent(simulator, lockId));
		await Promise.all(silent);
		const lines = workers.flatMap(({ log }) => log.split('\n'));
		const resumers = waiting.map((lockId) => {
			const ofLock = lines.filter((line) => line.includes(lockId));
			return ofLock.filter((line) => /was lost|Start the backup again/.test(line));
		});
		expect(resumers.flat()).toEqual([]);
	});
});

test('loses only the executions in progress when a worker is killed', async () => {
	await publishRenewal('killed');
	simulator.line.roundTrip = 50;
	const lockIds = locks();
	const requested = request('killed', lockIds);
	await until('a quarter is done', () => renewed(lockIds).length > COUNT / 4, 60_000);
	workers[0]!.child.kill('SIGKILL');
	await requested;
	const rest = () => COUNT - renewed(lockIds).length;
	await until('the other worker has done the rest', () => rest() <= CONCURRENCY, 120_000);
	// n8n gives the jobs of a killed worker to another one, or marks their executions as crashed.
	await new Promise((resolve) => setTimeout(resolve, 3000));
	expect(rest()).toBeLessThanOrEqual(CONCURRENCY);
	expect(workers[1]!.child.exitCode).toBeNull();
});

test('keeps renewing until the execution in progress ends when a worker is canceled', async () => {
	const [, worker] = workers;
	const lockId = await keepOnWorker('graceful', wait(40));
	const before = sentFor(simulator, lockId).length;
	worker!.child.kill('SIGTERM');
	await until('the worker has ended', () => worker!.child.exitCode !== null, 90_000);
	expect(sentFor(simulator, lockId).length).toBeGreaterThanOrEqual(before + 2);
	expect(worker!.log).toContain('finished successfully');
	expect(await isSilent(simulator, lockId)).toBe(true);
});

test('lets the lock expire when the worker that renews it is killed', async () => {
	const worker = await startWorker();
	const lockId = await keepOnWorker('lapse', wait(60));
	worker.child.kill('SIGKILL');
	expect(await isSilent(simulator, lockId)).toBe(true);
	simulator.clock.advance(600_000 - RENEW_EVERY * 1000);
	expect(simulator.locks.isAlive(lockId)).toBe(false);
});

test('completes no backup when the worker that makes it is killed, and starts the error workflow', async () => {
	const { deviceId } = simulator.devices.bind('machine', 'file-server-1', 'Linux');
	const errors = await importWorkflow(server, example('backup-failed'), credential);
	await activate(server, errors);
	const toFile: NodeJson = {
		type: 'n8n-nodes-base.convertToFile',
		typeVersion: 1.1,
		parameters: { operation: 'toJson', options: {} },
	};
	const backUp: NodeJson = {
		type: BACKUP_NODE_TYPE,
		parameters: { moduleCode: '100', deviceId: { __rl: true, mode: 'id', value: deviceId } },
	};
	const chain = sequence('night', [webhookTrigger('night'), toFile, backUp]);
	const night = await publish('night', { ...chain, settings: { errorWorkflow: errors.id } });
	const worker = await startWorker();
	simulator.store.faultFor = () => faults.stall(10);
	await request('night', ['any']);
	await until('the file is half sent', () => simulator.store.requests.length > 0);
	worker.child.kill('SIGKILL');
	simulator.store.faultFor = () => undefined;
	await startWorker();

	const [id] = await executionsOf(server, night);
	expect((await finished(server, id!)).status).toBe('crashed');
	const message = await reportOf(server, errors);
	expect(message).toMatchObject({ subject: 'Failed: night' });
	expect([...simulator.records.records.values()]).toMatchObject([{ status: 0 }]);
});

test('prints the token in no process', () => {
	expect(server.log.length).toBeGreaterThan(10_000);
	expect(server.log).not.toContain(simulator.account.accessToken);
});
