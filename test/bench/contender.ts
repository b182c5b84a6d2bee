import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout } from 'node:timers/promises';

import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
} from 'n8n-workflow';
import pLimit from 'p-limit';

import type { WorkflowJson } from '../engine';
import { Engine, workflowOf } from '../engine';
import { xDate } from '../simulator/client';
import type { Case, Contender } from './cases';
import { headerParameters, loadNodeType } from './nodesOfN8n';
import { onTask } from './processes';
import { spread } from './row';
import type { Prepared } from './server';
import { MIB } from './units';

/* One contender in one case, in a separate process, so that its CPU time and memory can be measured. */

/** What it's told. */
interface Task extends Prepared {
	contender: Contender;
	case: Case;
	/** The packages of the installed n8n. */
	modules: string;
}

/** What it measured. */
export interface Measured {
	/** Seconds for all locks. Short cases run many times, and this is the median. */
	seconds: number;
	cpuSeconds: number;
	/** Mebibytes of the process at its peak, and before the locks. */
	peakMemory: number;
	memoryBefore: number;
	failures: number;
}

/** Renews locks, and returns how many weren't renewed. */
type Renew = (lockIds: string[]) => Promise<number>;

const PATH = '/koodrive/ose/v1/backup/lock';

async function inEngine(
	task: Task,
	workflow: (items: IDataObject[]) => WorkflowJson,
	prepare: (engine: Engine) => void = () => undefined,
): Promise<Renew> {
	const engine = await Engine.load();
	prepare(engine);
	return async (lockIds) => {
		const items = lockIds.map((lockId) => ({ lockId }));
		const executed = await engine.run(workflow(items), credentialOf(task));
		const renewed = executed.json('Next').filter(({ code }) => code === 0).length;
		return lockIds.length - renewed;
	};
}

function credentialOf({
	endpoint,
	account,
	case: { authentication },
}: Task): ICredentialDataDecryptedObject {
	const { accessToken, userId, appId, appSecret } = account;
	return authentication === 'token'
		? { endpoint, accessToken, userId }
		: { endpoint, authentication: 'app', appId, appSecret, userId };
}

const continueOnFail = { onError: 'continueRegularOutput' } as const;

async function node(task: Task): Promise<Renew> {
	const options = { maxConcurrency: task.case.concurrency };
	return await inEngine(task, (items) => workflowOf(items, { options }, continueOnFail));
}

/** n8n's HTTP Request node as a user would configure it: the headers are expressions. */
async function httpRequest(task: Task): Promise<Renew> {
	const type = loadNodeType(task.modules, 'HttpRequest', 4.2);
	const parameters = () => ({
		method: 'PATCH',
		url: task.endpoint + PATH,
		...headerParameters(task.account, { 'x-backup-lock-id': '={{ $json.lockId }}' }),
		options: {},
	});
	return await inEngine(
		task,
		(items) => withNode(workflowOf(items), 'n8n-nodes-base.httpRequest', parameters()),
		(engine) => engine.addNode('n8n-nodes-base.httpRequest', type),
	);
}

function withNode(workflow: WorkflowJson, type: string, parameters: IDataObject): WorkflowJson {
	const nodes = workflow.nodes.map((candidate) =>
		candidate.name === 'KooDrive'
			? { ...candidate, ...continueOnFail, type, typeVersion: 4.2, parameters: parameters as never }
			: candidate,
	);
	return { ...workflow, nodes };
}

/** Finds the lock of an item. */
type FindLock = (context: IExecuteFunctions, item: number, json: IDataObject) => unknown;

const fromItem: FindLock = (_context, _item, json) => json.lockId;
const fromParameter: FindLock = (context, item) => context.getNodeParameter('lockId', item);

/** The minimum that a node can do which n8n verifies: n8n's HTTP helper in a loop. */
async function helper(task: Task, findLock: FindLock): Promise<Renew> {
	const { concurrency } = task.case;
	const type: INodeType = {
		description: {
			displayName: 'helper',
			name: 'helper',
			group: ['output'],
			version: [1, 4.2],
			description: '',
			defaults: { name: 'helper' },
			inputs: ['main'],
			outputs: ['main'],
			credentials: [{ name: 'kooDriveApi', required: true }],
			properties: [{ displayName: 'Lock ID', name: 'lockId', type: 'string', default: '' }],
		} as unknown as INodeType['description'],
		async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
			const limit = pLimit(concurrency);
			const send = async ({ json: input }: INodeExecutionData, item: number) => {
				const json = (await this.helpers.httpRequestWithAuthentication
					.call(this, 'kooDriveApi', {
						method: 'PATCH',
						url: task.endpoint + PATH,
						headers: { 'x-backup-lock-id': findLock(this, item, input) as string },
						json: true,
					})
					.catch(() => ({}))) as IDataObject;
				return { json, pairedItem: { item } };
			};
			const items = this.getInputData();
			return [await Promise.all(items.map(async (item, index) => await limit(send, item, index)))];
		},
	};
	return await inEngine(
		task,
		(items) => withNode(workflowOf(items), 'test.helper', { lockId: '={{ $json.lockId }}' }),
		(engine) => engine.addNode('test.helper', type),
	);
}

/** The physical limit: connections that are reused, without n8n. */
async function socket(task: Task): Promise<Renew> {
	const { concurrency } = task.case;
	const { Agent, request } = task.case.scheme === 'https' ? https : http;
	const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
	const send = async (lockId: string): Promise<boolean> => {
		const sent = request(task.endpoint + PATH, {
			method: 'PATCH',
			agent,
			headers: {
				Authorization: `Bearer+${task.account.accessToken}`,
				'X-User-Id': task.account.userId,
				'X-Date': xDate(Date.now()),
				'x-backup-lock-id': lockId,
			},
		});
		sent.end();
		const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
		let text = '';
		for await (const chunk of response) text += String(chunk);
		return text.startsWith('{"code":0,');
	};
	return async (lockIds) => {
		const limit = pLimit(concurrency);
		const renewed = await Promise.all(lockIds.map(async (lockId) => await limit(send, lockId)));
		return renewed.filter((done) => !done).length;
	};
}

const makers: Record<Contender, (task: Task) => Promise<Renew>> = {
	node,
	'http-request': httpRequest,
	helper: async (task) => await helper(task, fromItem),
	'helper-expression': async (task) => await helper(task, fromParameter),
	socket,
};

/** Calls a function at least once, until the time is over or it was called `most` times. */
async function repeat(
	{ seconds, most }: { seconds: number; most: number },
	fn: () => Promise<unknown>,
): Promise<void> {
	const began = performance.now();
	for (let round = 0; round < most; round++) {
		await fn();
		if (performance.now() - began >= seconds * 1000) return;
	}
}

async function measure(given: Task): Promise<Measured> {
	// Every contender reads the endpoint for each request, so it can be replaced after the warm-up.
	const task = { ...given, endpoint: given.nearby };
	const renew = await makers[task.contender](task);
	// The code must be compiled before anything is measured.
	await repeat({ seconds: 3, most: 8 }, async () => await renew(task.warmUpLockIds));
	task.endpoint = given.endpoint;
	await setTimeout(50);
	const memoryBefore = process.memoryUsage().rss / MIB;
	const times: number[] = [];
	let failures = 0;
	const cpu = process.cpuUsage();
	await repeat({ seconds: task.case.locks === 1 ? 3 : 1, most: 300 }, async () => {
		const began = performance.now();
		failures += await renew(task.lockIds);
		times.push((performance.now() - began) / 1000);
	});
	const { user, system } = process.cpuUsage(cpu);
	return {
		seconds: spread(times).median,
		cpuSeconds: (user + system) / 1e6 / times.length,
		peakMemory: process.resourceUsage().maxRSS / 1024,
		memoryBefore,
		failures,
	};
}

onTask(measure);
