import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { N8nServer } from '../e2e/server';
import type { NodeJson, StoredCredential, StoredWorkflow } from '../e2e/workflows';
import {
	activate,
	backUp,
	begun,
	createCredential,
	credentialFor,
	finished,
	importWorkflow,
	sequence,
	untilRegistered,
	webhookTrigger,
} from '../e2e/workflows';
import type { Processes } from './processes';
import { ask } from './processes';
import { spread } from './row';
import { writeFiles } from './transfers/files';
import type { PreparedTransfers, PrepareTransfers } from './transfers/server';
import { KIB, MIB } from './units';

/** What n8n does beside the webhook. */
interface WebhookCase {
	/** Nothing, with 0 files. */
	files: number;
	/** Bytes of each file. */
	size: number;
	/** Milliseconds of a round trip. */
	latency: number;
	parallel: number;
}

/** How long n8n took to respond to a webhook, in milliseconds. */
export interface WebhookMeasured extends WebhookCase {
	/** Seconds that the backup took. */
	seconds: number;
	median: number;
	most: number;
}

const SMALL = 10 * KIB;

const CASES: WebhookCase[] = [
	{ files: 0, size: 0, latency: 0, parallel: 0 },
	{ files: 1_500, size: SMALL, latency: 0, parallel: 16 },
	{ files: 1_500, size: SMALL, latency: 0, parallel: 2 },
	{ files: 1_500, size: SMALL, latency: 10, parallel: 16 },
	{ files: 800, size: SMALL, latency: 50, parallel: 16 },
	{ files: 300, size: SMALL, latency: 150, parallel: 16 },
	{ files: 600, size: MIB, latency: 0, parallel: 16 },
	{ files: 600, size: MIB, latency: 0, parallel: 2 },
	{ files: 600, size: MIB, latency: 10, parallel: 16 },
	{ files: 400, size: MIB, latency: 50, parallel: 16 },
	{ files: 150, size: MIB, latency: 150, parallel: 16 },
];

/** Milliseconds between two calls, and without a backup. */
const CALL_EVERY = 250;
const WITHOUT_BACKUP = 15_000;

/** The longest that a backup takes, in milliseconds. */
const TIMEOUT = 300_000;

const PING = 'ping';

/** Calls a webhook with one other node while n8n backs files up. */
export async function measureWebhook(processes: Processes): Promise<WebhookMeasured[]> {
	const { certificateFile } = processes;
	const koodrive = processes.start('transfers/server.ts');
	const server = await N8nServer.prepare({
		NODE_EXTRA_CA_CERTS: certificateFile,
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_LOG_LEVEL: 'warn',
	});
	const measured: WebhookMeasured[] = [];
	try {
		await server.start();
		await server.signIn();
		const none = { id: '', name: '' };
		const trigger = webhookTrigger(PING);
		const responding = { ...trigger.parameters, responseMode: 'lastNode' };
		const ping = [
			{ ...trigger, parameters: responding },
			{ type: 'n8n-nodes-base.noOp', parameters: {} },
		];
		await publish(server, PING, ping, none);
		for (const situation of CASES) {
			console.log(`webhook: ${JSON.stringify(situation)} ...`);
			const prepare: PrepareTransfers = { latency: situation.latency };
			const prepared = await ask<PreparedTransfers>(koodrive, prepare);
			measured.push(await measureOne(server, situation, prepared));
		}
	} finally {
		await server.stop();
		koodrive.disconnect();
	}
	return measured;
}

async function measureOne(
	server: N8nServer,
	situation: WebhookCase,
	prepared: PreparedTransfers,
): Promise<WebhookMeasured> {
	const { files } = situation;
	const backup = files > 0 ? await publishBackup(server, situation, prepared) : undefined;
	const began = performance.now();
	let isOver = false;
	const work = (
		backup === undefined ? setTimeout(WITHOUT_BACKUP) : runBackup(server, backup)
	).finally(() => (isOver = true));
	const times: number[] = [];
	const calls: Array<Promise<void>> = [];
	while (!isOver) {
		calls.push(call(server).then((milliseconds) => void times.push(milliseconds)));
		await setTimeout(CALL_EVERY);
	}
	await Promise.all([work, ...calls]);
	const { median, most } = spread(times);
	return { ...situation, seconds: (performance.now() - began) / 1000, median, most };
}

async function call(server: N8nServer): Promise<number> {
	const began = performance.now();
	const response = await fetch(`${server.url}/webhook/${PING}`, { method: 'POST' });
	await response.text();
	if (!response.ok) throw new Error(`the webhook responded with HTTP ${response.status}`);
	return performance.now() - began;
}

async function publishBackup(
	server: N8nServer,
	{ files, size, latency, parallel }: WebhookCase,
	prepared: PreparedTransfers,
): Promise<StoredWorkflow> {
	const name = `${files}-${size}-${latency}-${parallel}`;
	const folder = join(server.userFolder, '.n8n-files', name);
	mkdirSync(folder, { recursive: true });
	await writeFiles(folder, files, size);
	const credential = await createCredential(server, credentialFor(prepared), name);
	const node = backUp(prepared.deviceId);
	node.parameters.options = { parallelTransfers: parallel };
	const read = {
		type: 'n8n-nodes-base.readWriteFile',
		parameters: { fileSelector: `${folder}/*`, options: {} },
	};
	return await publish(server, name, [webhookTrigger(name), read, node], credential);
}

async function publish(
	server: N8nServer,
	path: string,
	chain: NodeJson[],
	credential: StoredCredential,
): Promise<StoredWorkflow> {
	const workflow = await importWorkflow(server, sequence(path, chain), credential);
	await activate(server, workflow);
	await untilRegistered(server, path);
	return workflow;
}

async function runBackup(server: N8nServer, workflow: StoredWorkflow): Promise<void> {
	await fetch(`${server.url}/webhook/${workflow.name}`, { method: 'POST' });
	const { status } = await finished(server, await begun(server, workflow), TIMEOUT);
	if (status !== 'success') throw new Error(`the backup ended as ${status}`);
}
