import type { IExecuteFunctions, INodeType } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import { Engine } from '../test/engine';
import { changed, example } from '../test/examples';
import { simulated } from './target';

const WORKFLOW = 'keep-alive-during-backup';
const SECONDS = 35;
const RENEW_EVERY = 10;

/** Keeps a lock of a simulated KooDrive alive while a step takes its time, and prints what KooDrive receives. */
export async function keepAlive(): Promise<number> {
	const { simulator, described, credential, stop } = await simulated();
	const began = Date.now();
	const say = (what: string) => {
		const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
		console.log(`${seconds} s  ${what}`);
	};
	const did = { POST: 'creates a lock', PATCH: 'renews it', DELETE: 'releases it' };
	simulator.faultFor = ({ method }) => {
		say(`${method.padEnd(6)}  KooDrive ${did[method as keyof typeof did]}`);
		return undefined;
	};
	console.log(
		`Keeping a backup lock alive during a step of ${SECONDS} seconds, renewed every ${RENEW_EVERY},`,
	);
	console.log(`with examples/${WORKFLOW}.json in n8n's own engine, against ${described}\n`);
	try {
		const engine = await Engine.load();
		engine.addNode('n8n-nodes-base.wait', slow(engine, say));
		const workflow = changed(example(WORKFLOW), ({ name, parameters }) => {
			if (name === 'Keep the lock alive') parameters.options = { renewEvery: RENEW_EVERY };
		});
		const { run } = await engine.run(workflow, credential);
		say('the workflow has ended');
		await sleep(RENEW_EVERY * 1000 + 1000);
		say('nothing was sent any more');
		return run.status === 'success' ? 0 : 1;
	} finally {
		await stop();
	}
}

/** n8n's own Wait needs a server; this one waits here. */
function slow(engine: Engine, say: (what: string) => void): INodeType {
	const wait = engine.nodeType('n8n-nodes-base.wait');
	return {
		description: wait.description,
		async execute(this: IExecuteFunctions) {
			say('        your backup begins');
			await sleep(SECONDS * 1000);
			say('        your backup has ended');
			return [this.getInputData()];
		},
	};
}
