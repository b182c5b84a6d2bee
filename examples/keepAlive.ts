import type { IExecuteFunctions, INodeType } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Engine } from '../test/engine';
import { changed, example, withDevice } from '../test/examples';
import { simulated } from './target';

const WORKFLOW = 'backup-with-own-steps';
const SECONDS = 35;
const RENEW_EVERY = 10;

/** What KooDrive does, by the beginning of a request. */
const REQUESTS: Array<[RegExp, string]> = [
	[/^POST .*\/lock/, 'creates a lock'],
	[/^PATCH .*\/lock/, 'renews the lock'],
	[/^DELETE .*\/lock/, 'releases the lock'],
	[/^POST .*\/file$/, 'creates a file'],
	[/^POST .*\/complete$/, 'completes the file'],
	[/^POST .*\/record$/, 'creates a backup record'],
	[/^PATCH .*\/record/, 'completes the backup record'],
];

/** Holds a lock of a simulated KooDrive while a node takes its time, and prints what KooDrive receives. */
export async function keepAlive(): Promise<number> {
	const { simulator, described, credential, stop } = await simulated();
	const began = Date.now();
	const say = (what: string) => {
		const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
		console.log(`${seconds} s  ${what}`);
	};
	simulator.faultFor = ({ method, target }) => {
		const request = `${method} ${target.replace(/\?.*/s, '')}`;
		const [, done = request] = REQUESTS.find(([pattern]) => pattern.test(request)) ?? [];
		say(`${method.padEnd(6)}  KooDrive ${done}`);
		return undefined;
	};
	console.log(
		`Holding a backup lock while a node runs for ${SECONDS} seconds, renewed every ${RENEW_EVERY} seconds,`,
	);
	console.log(`with examples/${WORKFLOW}.json in n8n's own engine, against ${described}\n`);
	try {
		const engine = await Engine.load();
		engine.addNode('n8n-nodes-base.convertToFile', slow(engine, say));
		const { deviceId } = simulator.devices.bind('demo', 'demo', 'n8n');
		const workflow = changed(example(WORKFLOW), (node) => {
			withDevice(deviceId)(node);
			if (node.name !== 'Create backup lock') return;
			node.parameters.options = { keepAlive: { renewal: { renewEvery: RENEW_EVERY } } };
		});
		const { run } = await engine.run(workflow, credential);
		say('        the workflow has ended');
		await sleep(RENEW_EVERY * 1000 + 1000);
		say('        nothing was sent since');
		return run.status === 'success' ? 0 : 1;
	} finally {
		await stop();
	}
}

/** Stands for the user's own nodes: a node that takes its time. */
function slow(engine: Engine, say: (what: string) => void): INodeType {
	const node = engine.nodeType('n8n-nodes-base.convertToFile');
	return {
		description: node.description,
		async execute(this: IExecuteFunctions) {
			say('        your nodes begin');
			await sleep(SECONDS * 1000);
			say('        your nodes have ended');
			return (await node.execute!.call(this)) as never;
		},
	};
}
