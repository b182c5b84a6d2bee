import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

import type { IDataObject } from 'n8n-workflow';

import type { Executed } from '../test/engine';
import { Engine } from '../test/engine';
import { changed, example, withLocks } from '../test/examples';
import { backUp } from './backup';
import { keepAlive } from './keepAlive';
import type { Target } from './target';
import { parameters, real, simulated } from './target';

/*
 * The demo: runs an example in n8n's own engine, against the simulator or a real KooDrive, and prints what went
 * out and what came back.
 */

const WORKFLOW = 'renew-backup-lock';

function masked(name: string, value: string): string {
	return name.toLowerCase() === 'authorization'
		? value.replace(/(?<=^bearer.).*/i, '********')
		: value;
}

function printTraffic(): void {
	subscribe('http.client.request.start', (message) => {
		const { request } = message as { request: ClientRequest };
		console.log('\nThe request');
		console.log(`    ${request.method} ${request.path}`);
		for (const name of request.getRawHeaderNames()) {
			console.log(`    ${name}: ${masked(name, String(request.getHeader(name)))}`);
		}
	});
	subscribe('http.client.response.finish', (message) => {
		const { response } = message as { response: IncomingMessage };
		console.log('\nThe response');
		console.log(`    HTTP ${response.statusCode} ${response.statusMessage}`);
	});
}

function printOutcome({ run, json }: Executed): number {
	const { error } = run.data.resultData;
	if (error !== undefined) {
		console.error(`\nThe node's error\n    ${error.message}\n    ${error.description ?? ''}`);
		return 1;
	}
	const received = json('Next node').map((item: IDataObject) => JSON.stringify(item));
	console.log(
		`\nThe item that the next node gets: the body of the response\n    ${received.join('\n    ')}`,
	);
	return 0;
}

async function renew(target: Target): Promise<number> {
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

async function main(): Promise<number> {
	const { 'keep-alive': wantsKeepAlive, backup: wantsBackup, ...wanted } = parameters();
	if (wantsBackup === true) return await backUp();
	if (wantsKeepAlive === true) return await keepAlive();
	const wantsReal = Object.keys(wanted).length > 0;
	return await renew(wantsReal ? await real(wanted) : await simulated());
}

main().then(
	(exitCode) => process.exit(exitCode),
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exit(1);
	},
);
