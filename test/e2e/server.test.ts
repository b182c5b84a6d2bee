import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INode, INodeParameters, INodeTypeDescription } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import { example, EXAMPLES, withLocks } from '../examples';
import { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import { N8nServer } from './server';
import type { StoredCredential } from './workflows';
import {
	activate,
	createCredential,
	credentialFor,
	finished,
	importWorkflow,
	MANUAL_TRIGGER,
	NODE_TYPE,
	RECORD_NODE_TYPE,
	run,
	testCredential,
} from './workflows';

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;

beforeAll(async () => {
	simulator = await new KooDriveSimulator().start();
	server = await N8nServer.prepare();
	await server.start();
	await server.signIn();
	credential = await createCredential(server, credentialFor(simulator));
});
afterAll(async () => {
	await server?.stop();
	await simulator.stop();
});

test('n8n lists the node, its tool and the credential, with their icons', async () => {
	const nodes = await server.get<INodeTypeDescription[]>('/types/nodes.json');
	const ours = nodes.filter(({ name }) => name.startsWith('n8n-nodes-koodrive.'));
	expect(ours.map(({ name }) => name)).toEqual([
		NODE_TYPE,
		RECORD_NODE_TYPE,
		`${NODE_TYPE}Tool`,
		`${RECORD_NODE_TYPE}Tool`,
	]);
	const icons = ours.map(({ iconUrl }) => iconUrl as { light: string; dark: string });
	for (const icon of icons.flatMap(({ light, dark }) => [light, dark])) {
		const response = await fetch(`${server.url}/${icon}`);
		expect(response.headers.get('content-type')).toContain('image/svg+xml');
	}
	const types =
		await server.get<Array<{ name: string; supportedNodes: string[] }>>('/types/credentials.json');
	expect(types.find(({ name }) => name === 'kooDriveApi')?.supportedNodes).toEqual([
		NODE_TYPE,
		RECORD_NODE_TYPE,
	]);
});

describe('the test button of the credential', () => {
	const press = async (change: object) =>
		await testCredential(server, credential, { ...credentialFor(simulator), ...change });

	test('accepts what KooDrive accepts, by token and by signature', async () => {
		const accepted = { status: 'OK', message: 'KooDrive accepts this credential' };
		expect(await press({})).toEqual(accepted);
		const { appId, appSecret } = simulator.account;
		expect(await press({ authentication: 'app', appId, appSecret })).toEqual(accepted);
	});

	test.each([
		['a wrong token', () => ({ accessToken: 'a-token-that-has-died' }), 'refused the access token'],
		[
			'a wrong secret',
			() => ({
				authentication: 'app',
				appId: simulator.account.appId,
				appSecret: 'another-secret',
			}),
			'refused the signature',
		],
		['another user', () => ({ userId: '1' }), 'does not allow this user'],
		['a dead endpoint', () => ({ endpoint: 'http://127.0.0.1:9' }), 'the connection was refused'],
		['an incomplete endpoint', () => ({ endpoint: 'koodrive' }), 'not a complete https address'],
	])('says what is wrong with %s', async (_what, change, words) => {
		const { status, message } = await press(change());
		expect(status).toBe('Error');
		expect(message).toContain(words);
	});

	test('sees an error that comes under HTTP 200', async () => {
		simulator.failNext({ kind: 'answer', status: 200, body: '{"code":13000301,"msg":"space"}' });
		expect((await press({})).message).toContain('space on KooDrive is missing');
	});

	test('is not taken in by a web page', async () => {
		simulator.failNext({ kind: 'answer', status: 200, body: '<html>' });
		expect((await press({})).message).toContain("the answer is not KooDrive's");
	});
});

describe('the examples', () => {
	test.each(EXAMPLES)('%s holds no credential and explains itself', (name) => {
		const { nodes } = example(name);
		expect(JSON.stringify(nodes)).not.toContain('credentials');
		expect(nodes.some(({ type }) => type.endsWith('.stickyNote'))).toBe(true);
	});

	test('renew-backup-lock renews one lock', async () => {
		const lockId = simulator.locks.create('102');
		const workflow = await importWorkflow(
			server,
			example('renew-backup-lock'),
			credential,
			withLocks(lockId),
		);
		const execution = await run(server, workflow);
		expect(execution.status).toBe('success');
		expect(execution.json('Next step')).toEqual([{ code: 0, msg: 'success' }]);
		expect(simulator.requests.at(-1)!.headers['x-backup-lock-id']).toBe(lockId);
	});

	test('renew-many-locks renews what can be renewed and reports the rest', async () => {
		const lockIds = [simulator.locks.create('100'), 'gone@100', simulator.locks.create('101')];
		const workflow = await importWorkflow(
			server,
			example('renew-many-locks'),
			credential,
			withLocks(JSON.stringify(lockIds)),
		);
		const execution = await run(server, workflow);
		expect(execution.status).toBe('success');
		expect(execution.json('Renewed').map(({ lockId }) => lockId)).toEqual([lockIds[0], lockIds[2]]);
		expect(execution.json('Report')).toEqual([
			{
				lockId: 'gone@100',
				problem: expect.stringContaining('Lock "gone@100" was not renewed') as string,
				whatToDo: expect.stringContaining('Start the backup again') as string,
			},
		]);
	});

	test('backup-lock-lifecycle creates, renews and releases', async () => {
		const workflow = await importWorkflow(server, example('backup-lock-lifecycle'), credential);
		simulator.requests.length = 0;
		expect((await run(server, workflow)).status).toBe('success');
		expect(simulator.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
		const [, renew, release] = simulator.requests.map(({ headers }) => headers['x-backup-lock-id']);
		expect(renew).toMatch(/@100$/);
		expect(release).toBe(renew);
	});

	test('backup-lock-lifecycle releases the lock when a step fails, too', async () => {
		const workflow = await importWorkflow(server, example('backup-lock-lifecycle'), credential);
		simulator.requests.length = 0;
		simulator.faultFor = ({ method }) =>
			method === 'PATCH'
				? { kind: 'answer', status: 400, body: '{"code":13000311,"msg":"full"}' }
				: undefined;
		const execution = await run(server, workflow);
		simulator.faultFor = () => undefined;
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.error?.message).toContain('The backup failed');
		expect(simulator.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
		expect(
			simulator.locks.isAlive(String(simulator.requests[2]!.headers['x-backup-lock-id'])),
		).toBe(false);
	});
});

describe('the examples of whole backups', () => {
	beforeEach(() => {
		simulator.requests.length = 0;
		simulator.records.records.clear();
	});

	const imported = async (name: string, change?: (node: INode) => void) =>
		await importWorkflow(server, example(name), credential, change);
	const methods = () => simulator.requests.map(({ method }) => method);

	test('keep-alive-during-backup renews at once and releases at the end', async () => {
		expect((await run(server, await imported('keep-alive-during-backup'))).status).toBe('success');
		expect(methods()).toEqual(['POST', 'PATCH', 'DELETE']);
	});

	test('nightly-backup leaves a completed record and no lock', async () => {
		expect((await run(server, await imported('nightly-backup'))).status).toBe('success');
		expect(methods()).toEqual(['POST', 'PATCH', 'POST', 'PATCH', 'DELETE']);
		const [record] = [...simulator.records.records.values()];
		expect(record).toMatchObject({ status: 1, properties: expect.stringContaining('every night') });
		const lockId = String(simulator.requests[1]!.headers['x-backup-lock-id']);
		expect(simulator.locks.isAlive(lockId)).toBe(false);
	});

	test('nightly-backup gives the lock back when a step fails, and does not hide it', async () => {
		simulator.faultFor = ({ method, target }) =>
			method === 'PATCH' && target.includes('/record/')
				? { kind: 'answer', status: 400, body: '{"code":13000311,"msg":"full"}' }
				: undefined;
		const execution = await run(server, await imported('nightly-backup'));
		simulator.faultFor = () => undefined;
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.error?.message).toContain('The backup failed');
		expect(methods()).toEqual(['POST', 'PATCH', 'POST', 'PATCH', 'DELETE']);
	});

	function made(deviceId: string, count: number, status = 1): string[] {
		return Array.from({ length: count }, (_, index) => {
			const createTime = `2026-01-${String(10 + index)}T02:00:00Z`;
			return simulator.records.create('100', deviceId, { status, createTime }).recordId;
		});
	}

	test('clear-old-backups keeps the newest completed ones of each device', async () => {
		const [one, two, broken] = [made('one', 9), made('two', 3), made('one', 2, 0)];
		const execution = await run(server, await imported('clear-old-backups'));
		expect(execution.status).toBe('success');
		expect([...simulator.records.records.keys()]).toEqual([...one.slice(2), ...two, ...broken]);
		expect(methods().filter((method) => method === 'POST')).toHaveLength(1);
		expect(methods().filter((method) => method === 'DELETE')).toHaveLength(3);
		const lockId = String(simulator.requests.at(-1)!.headers['x-backup-lock-id']);
		expect(simulator.locks.isAlive(lockId)).toBe(false);
	});

	test('clear-old-backups does nothing where there is nothing to clear', async () => {
		made('one', 7);
		expect((await run(server, await imported('clear-old-backups'))).status).toBe('success');
		expect(methods()).toEqual(['GET']);
	});

	test.each([
		['an hour ago', 3_600_000, 1, 'success'],
		['two days ago', 48 * 3_600_000, 1, 'error'],
		['never, but begun', 3_600_000, 0, 'error'],
	])('last-good-backup, the last completed %s', async (_when, ago, status, expected) => {
		const endTime = new Date(Date.now() - ago).toISOString();
		simulator.records.create('100', 'one', { status, endTime });
		expect((await run(server, await imported('last-good-backup'))).status).toBe(expected);
	});

	test('last-good-backup warns where there is no backup at all', async () => {
		const execution = await run(server, await imported('last-good-backup'));
		expect(execution.data.resultData.error?.message).toContain('No KooDrive backup was completed');
	});

	const toSimulator = (node: INode) => {
		if (node.type.endsWith('.httpRequest')) {
			node.parameters.url = `${simulator.endpoint}/koodrive/ose/v1/session/auth`;
		}
	};

	test('keep-token-alive asks for the session with the credential', async () => {
		const execution = await run(server, await imported('keep-token-alive', toSimulator));
		expect(execution.status).toBe('success');
		expect(simulator.requests).toMatchObject([{ target: '/koodrive/ose/v1/session/auth' }]);
	});

	test('keep-token-alive warns when the session has died', async () => {
		const { accessToken } = simulator.account;
		simulator.account.accessToken = 'another one';
		const execution = await run(server, await imported('keep-token-alive', toSimulator));
		simulator.account.accessToken = accessToken;
		expect(execution.data.resultData.error?.message).toContain('session has died');
	});

	test('locks-in-a-data-table renews what backups add to it, and forgets what is gone', async () => {
		const locks = await imported('locks-in-a-data-table');
		const [alive, gone] = [simulator.locks.create('100'), 'gone@100'];
		for (const lockId of [alive, gone]) {
			const added = await run(
				server,
				await importWorkflow(server, handingOver(lockId, locks.id), credential),
			);
			expect(added.data.resultData.error?.message).toBeUndefined();
		}
		for (const expected of [[alive, gone], [alive]]) {
			simulator.requests.length = 0;
			expect((await run(server, locks)).status).toBe('success');
			expect(simulator.requests.map(({ headers }) => headers['x-backup-lock-id'])).toEqual(
				expected,
			);
		}
	});
});

/** A workflow that hands a lock over to another one, as its user would have it. */
function handingOver(lockId: string, workflowId: string): WorkflowJson {
	const common = { typeVersion: 1, position: [0, 0] as [number, number] };
	return {
		name: lockId,
		nodes: [
			{
				...common,
				id: '1',
				name: MANUAL_TRIGGER,
				type: 'n8n-nodes-base.manualTrigger',
				parameters: {},
			},
			{
				...common,
				id: '2',
				name: 'Hand over',
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.2,
				parameters: {
					workflowId: { __rl: true, mode: 'id', value: workflowId },
					workflowInputs: { mappingMode: 'defineBelow', value: { lockId } },
					options: {},
				},
			},
		],
		connections: { [MANUAL_TRIGGER]: { main: [[{ node: 'Hand over', type: 'main', index: 0 }]] } },
	};
}

test('a failure is stored in words that a person can act on', async () => {
	const workflow = await importWorkflow(
		server,
		example('renew-backup-lock'),
		credential,
		withLocks('gone@100'),
	);
	const { status, data } = await run(server, workflow);
	expect(status).toBe('error');
	expect(data.resultData.error).toMatchObject({
		message: expect.stringContaining(
			'Lock "gone@100" was not renewed: KooDrive does not know',
		) as string,
		description: expect.stringContaining('Start the backup again') as string,
		httpCode: '400',
	});
});

test('an error workflow receives what happened and what to do', async () => {
	const trigger = { parameters: {}, typeVersion: 1, position: [0, 0] as [number, number] };
	const errors = await importWorkflow(
		server,
		{
			name: 'Errors',
			nodes: [{ ...trigger, id: '1', name: 'Error', type: 'n8n-nodes-base.errorTrigger' }],
			connections: {},
		},
		credential,
	);
	await activate(server, errors);
	const settings = { errorWorkflow: errors.id };
	const failing = await importWorkflow(
		server,
		{ ...example('renew-backup-lock'), settings },
		credential,
		(node) => {
			withLocks('gone@100')(node);
			if (node.type.endsWith('.scheduleTrigger')) {
				node.parameters = { rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } };
			}
		},
	);
	await activate(server, failing);
	const filter = encodeURIComponent(JSON.stringify({ workflowId: errors.id }));
	let ids: string[] = [];
	await until('the error workflow has begun', async () => {
		const { results } = await server.get<{ results: Array<{ id: string }> }>(
			`/executions?filter=${filter}`,
		);
		ids = results.map(({ id }) => id);
		return ids.length > 0;
	});
	await server.post(`/workflows/${failing.id}/deactivate`, {});
	const execution = await finished(server, ids.at(-1)!);
	expect(execution.json('Error')).toMatchObject([
		{
			execution: {
				error: {
					message: expect.stringContaining('Lock "gone@100" was not renewed') as string,
					description: expect.stringContaining('Start the backup again') as string,
				},
				lastNodeExecuted: expect.stringContaining('Renew') as string,
			},
		},
	]);
});

/** What n8n writes where the agent is to fill a field in. */
const fromAgent = (field: string) =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${field}', '', 'string') }}`;

/** A workflow that does what an agent does which has chosen a tool. */
function callingTool(name: string, type: string, parameters: INodeParameters, query: object) {
	const common = { typeVersion: 1, position: [0, 0] as [number, number] };
	const nodes: INode[] = [
		{ ...common, id: '1', name: 'Trigger', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
		{
			...common,
			id: '2',
			name: 'Executor',
			type: '@n8n/n8n-nodes-langchain.toolExecutor',
			parameters: {
				query: JSON.stringify({ [name.replaceAll(' ', '_')]: query }),
				toolName: name.replaceAll(' ', '_'),
			},
		},
		{ ...common, id: '3', name, type, parameters },
	];
	const to = (kind: 'main' | 'ai_tool') => ({
		[kind]: [[{ node: 'Executor', type: kind, index: 0 }]],
	});
	return { name, nodes, connections: { Trigger: to('main'), [name]: to('ai_tool') } };
}

test.each([
	['Renew a backup lock', NODE_TYPE, { operation: 'renew', lockId: fromAgent('Lock_ID') }, 'PATCH'],
	[
		'Keep a lock alive',
		NODE_TYPE,
		{ operation: 'keepAlive', lockId: fromAgent('Lock_ID') },
		'PATCH',
	],
	[
		'Get many records',
		RECORD_NODE_TYPE,
		{ operation: 'getAll', moduleCode: '100', deviceId: fromAgent('Device_ID') },
		'GET',
	],
])(
	'as a tool of an agent it takes its parameters from outside: %s',
	async (name, type, parameters, method) => {
		const [lockId, deviceId] = [simulator.locks.create('101'), 'the device of the agent'];
		const { recordId } = simulator.records.create('100', deviceId);
		const workflow = await importWorkflow(
			server,
			callingTool(name, `${type}Tool`, parameters, { Lock_ID: lockId, Device_ID: deviceId }),
			credential,
			(node) => {
				if (node.type === `${type}Tool`) node.credentials = { kooDriveApi: credential };
			},
		);
		simulator.requests.length = 0;
		const execution = await run(server, workflow, 'Trigger');
		expect(execution.data.resultData.error?.message).toBeUndefined();
		expect(simulator.requests).toMatchObject([
			method === 'GET' ? { method } : { method, headers: { 'x-backup-lock-id': lockId } },
		]);
		const result = JSON.stringify(execution.json('Executor'));
		expect(result).toContain(method === 'GET' ? recordId : 'success');
	},
);

test('on a schedule it renews again and again, through a restart of n8n, each time with its own signing time', async () => {
	const lockId = simulator.locks.create('102');
	const workflow = await importWorkflow(
		server,
		example('renew-backup-lock'),
		credential,
		(node) => {
			withLocks(lockId)(node);
			if (node.type.endsWith('.scheduleTrigger')) {
				node.parameters = { rule: { interval: [{ field: 'seconds', secondsInterval: 2 }] } };
			}
		},
	);
	simulator.requests.length = 0;
	await activate(server, workflow);
	await until('three renewals', () => simulator.requests.length >= 3);
	await server.stop({ forget: false });
	const before = simulator.requests.length;
	await server.start();
	await until('three more renewals', () => simulator.requests.length >= before + 3);
	const signingTimes = simulator.requests.map(({ headers }) => headers['x-date']);
	expect(new Set(signingTimes).size).toBe(signingTimes.length);
	expect(simulator.requests.every(({ headers }) => headers['x-backup-lock-id'] === lockId)).toBe(
		true,
	);
	expect(simulator.locks.isAlive(lockId)).toBe(true);
});

test('the token stands in clear text neither in the database nor in any other file nor in the log', () => {
	const { accessToken } = simulator.account;
	const files = readdirSync(server.userFolder, { recursive: true, withFileTypes: true });
	let searched = 0;
	for (const file of files) {
		if (!file.isFile() || file.parentPath.includes('node_modules')) continue;
		const content = readFileSync(join(file.parentPath, file.name));
		searched += content.length;
		expect(content.includes(accessToken) ? file.name : undefined).toBeUndefined();
	}
	expect(files.some(({ name }) => name === 'database.sqlite')).toBe(true);
	expect(searched).toBeGreaterThan(100_000);
	expect(server.log.length).toBeGreaterThan(10_000);
	expect(server.log).not.toContain(accessToken);
});
