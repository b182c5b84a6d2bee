import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import type { Executed } from '../test/engine';
import { Engine } from '../test/engine';
import { changed, example, withLocks } from '../test/examples';
import { KooDriveSimulator } from '../test/simulator';

/*
 * The demo: runs examples/renew-backup-lock.json in n8n's own engine, against the simulator or, with the
 * KOODRIVE_ variables and a lock ID, against a real KooDrive, and prints what went out and what came back.
 */

const VARIABLES = ['KOODRIVE_ENDPOINT', 'KOODRIVE_ACCESS_TOKEN', 'KOODRIVE_USER_ID'] as const;
const WORKFLOW = 'renew-backup-lock';

interface Target {
	described: string;
	credential: ICredentialDataDecryptedObject;
	lockId: string;
	stop: () => Promise<void>;
}

async function simulated(): Promise<Target> {
	const simulator = await new KooDriveSimulator().start();
	const { accessToken, userId } = simulator.account;
	return {
		described: `a simulated KooDrive at ${simulator.endpoint}`,
		credential: { endpoint: simulator.endpoint, accessToken, userId },
		lockId: simulator.locks.create('102'),
		stop: async () => await simulator.stop(),
	};
}

function real(lockId: string): Target {
	const missing = VARIABLES.filter((name) => (process.env[name] ?? '') === '');
	if (missing.length > 0 || lockId === '') {
		const wanted = [...missing, ...(lockId === '' ? ['a lock ID as argument'] : [])];
		throw new Error(`To renew a real lock, also give ${wanted.join(', ')}.`);
	}
	const [endpoint, accessToken, userId] = VARIABLES.map((name) => process.env[name] ?? '');
	return {
		described: `KooDrive at ${endpoint}`,
		credential: { endpoint, accessToken, userId } as ICredentialDataDecryptedObject,
		lockId,
		stop: async () => undefined,
	};
}

function masked(name: string, value: string): string {
	return name.toLowerCase() === 'authorization'
		? value.replace(/(?<=^bearer.).*/i, '********')
		: value;
}

function printTraffic(): void {
	subscribe('http.client.request.start', (message) => {
		const { request } = message as { request: ClientRequest };
		console.log('\nThe request that went out');
		console.log(`    ${request.method} ${request.path}`);
		for (const name of request.getRawHeaderNames()) {
			console.log(`    ${name}: ${masked(name, String(request.getHeader(name)))}`);
		}
	});
	subscribe('http.client.response.finish', (message) => {
		const { response } = message as { response: IncomingMessage };
		console.log('\nThe answer');
		console.log(`    HTTP ${response.statusCode} ${response.statusMessage}`);
	});
}

function printOutcome({ run, json }: Executed): number {
	const { error } = run.data.resultData;
	if (error !== undefined) {
		console.error(`\nThe node's error\n    ${error.message}\n    ${error.description ?? ''}`);
		return 1;
	}
	const received = json('Next step').map((item: IDataObject) => JSON.stringify(item));
	console.log(
		`\nThe item that the next step receives, which is the answer's body\n    ${received.join('\n    ')}`,
	);
	return 0;
}

async function main(): Promise<number> {
	const lockId = process.argv[2] ?? '';
	const wantsReal = lockId !== '' || VARIABLES.some((name) => process.env[name] !== undefined);
	const target = wantsReal ? real(lockId) : await simulated();
	try {
		console.log(`Renewing the backup lock ${target.lockId}`);
		console.log(`with examples/${WORKFLOW}.json in n8n's own engine, against ${target.described}`);
		const engine = await Engine.load();
		const workflow = changed(example(WORKFLOW), withLocks(target.lockId));
		printTraffic();
		return printOutcome(await engine.run(workflow, target.credential));
	} finally {
		await target.stop();
	}
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	},
);
