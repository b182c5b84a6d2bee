import { fork } from 'node:child_process';
import { once } from 'node:events';

import { Engine, RECORD_NODE_TYPE, workflowOf } from '../engine';
import { KooDriveSimulator } from '../simulator';

/*
 * What it costs to read a long list of backup records at once, over plain http, the simulated KooDrive in a process
 * of its own:
 *
 *     npm run bench:records -- [records]
 */

const RECORDS = Number(process.argv[2] ?? 100_000);
const MEBIBYTE = 1024 * 1024;

type Serving = { endpoint: string; account: KooDriveSimulator['account'] };

async function serve(): Promise<void> {
	const simulator = await new KooDriveSimulator().start();
	simulator.keepsRequests = false;
	for (let count = 0; count < RECORDS; count++) {
		simulator.records.create('100', 'file-server-1', { properties: '{"source":"nightly"}' });
	}
	process.once('disconnect', () => process.exit(0));
	const { endpoint, account } = simulator;
	process.send?.({ endpoint, account } satisfies Serving);
}

async function measure(): Promise<void> {
	const server = fork(__filename, [String(RECORDS)], {
		execArgv: process.execArgv,
		env: { ...process.env, SERVES: '1' },
	});
	const [{ endpoint, account }] = (await once(server, 'message')) as [Serving];
	const { accessToken, userId } = account;
	const engine = await Engine.load();
	const list = workflowOf([{}], { operation: 'getAll', moduleCode: '100', returnAll: true });
	for (const node of list.nodes) {
		if (node.name === 'KooDrive') node.type = RECORD_NODE_TYPE;
	}
	const before = process.memoryUsage().rss / MEBIBYTE;
	const began = performance.now();
	const executed = await engine.run(list, { endpoint, accessToken, userId });
	const seconds = (performance.now() - began) / 1000;
	const peak = process.resourceUsage().maxRSS / 1024;
	console.log(
		`${executed.json('Next').length} records in ${seconds.toFixed(1)} s; the process grew from ${before.toFixed(0)} to ${peak.toFixed(0)} MiB`,
	);
	server.disconnect();
}

void (process.env.SERVES === '1' ? serve() : measure());
