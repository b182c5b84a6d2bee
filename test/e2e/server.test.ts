import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeTypeDescription } from 'n8n-workflow';

import { example, withLocks } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { faults } from '../simulator';
import { until } from '../until';
import type { N8nServer } from './server';
import { startWithCredential } from './setup';
import type { StoredCredential } from './workflows';
import {
	activate,
	createCredential,
	credentialFor,
	importWorkflow,
	NODE_TYPE,
	BACKUP_NODE_TYPE,
	run,
	TRIGGER_NODE_TYPE,
	testCredential,
} from './workflows';

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential());
});

test('lists the nodes, their tools and the credential, with their icons', async () => {
	const nodes = await server.get<INodeTypeDescription[]>('/types/nodes.json');
	const ours = nodes.filter(({ name }) => name.startsWith('n8n-nodes-koodrive.'));
	expect(ours.map(({ name }) => name)).toEqual([
		NODE_TYPE,
		BACKUP_NODE_TYPE,
		TRIGGER_NODE_TYPE,
		`${NODE_TYPE}Tool`,
		`${BACKUP_NODE_TYPE}Tool`,
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
		BACKUP_NODE_TYPE,
		TRIGGER_NODE_TYPE,
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
		[
			'a wrong token',
			() => ({ accessToken: 'a-token-that-has-died' }),
			'rejected the access token',
		],
		[
			'a wrong secret',
			() => ({
				authentication: 'app',
				appId: simulator.account.appId,
				appSecret: 'another-secret',
			}),
			'rejected the signature',
		],
		['another user', () => ({ userId: '1' }), 'denied access'],
		['a dead endpoint', () => ({ endpoint: 'http://127.0.0.1:9' }), 'The connection was refused'],
		[
			'an incomplete endpoint',
			() => ({ endpoint: 'koodrive' }),
			"'Endpoint' must be a complete https:// address",
		],
	])('says what is wrong with %s', async (_what, change, words) => {
		const { status, message } = await press(change());
		expect(status).toBe('Error');
		expect(message).toContain(words);
	});

	test('notices an error with status code 200', async () => {
		simulator.failNext(faults.body('{"code":13000301,"msg":"space"}'));
		expect((await press({})).message).toContain("KooDrive space doesn't exist");
	});

	test('rejects a web page', async () => {
		simulator.failNext(faults.body('<html>'));
		expect((await press({})).message).toContain("The response isn't from KooDrive");
	});
});

test('stores a message and a description that say what to do', async () => {
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
			'Lock "gone@100" was not renewed: the lock doesn\'t exist',
		) as string,
		description: expect.stringContaining('Start the backup again') as string,
		httpCode: '400',
	});
});

test('sends each item as the user that an expression in the credential names', async () => {
	const userId = '={{ $json.user }}';
	const forUsers = await createCredential(
		server,
		{ ...credentialFor(simulator), userId },
		'For each user',
	);
	const [lockId, user] = [simulator.locks.create('100'), simulator.account.userId];
	const items = [
		{ user, lock: lockId },
		{ user: '1505084218764547299', lock: lockId },
	];
	const workflow = await importWorkflow(server, example('renew-many-locks'), forUsers, (node) => {
		withLocks(JSON.stringify(items))(node);
		if (node.type === NODE_TYPE) node.parameters.lockId = '={{ $json.lock }}';
	});
	simulator.requests.length = 0;
	const execution = await run(server, workflow);
	expect(execution.data.resultData.error?.message).toBeUndefined();
	const users = simulator.requests.map(({ headers }) => headers['x-user-id']);
	expect([...users].sort()).toEqual(items.map((item) => item.user));
	expect(execution.json('Renewed')).toMatchObject([{ lockId }]);
	expect(execution.json('Report')).toMatchObject([
		{ problem: expect.stringContaining('denied access') as string },
	]);
});

test("reports a released lock as released when n8n's Retry On Fail repeats the node", async () => {
	const lockIds = [simulator.locks.create('100'), 'gone@100'];
	const workflow = await importWorkflow(server, example('renew-many-locks'), credential, (node) => {
		withLocks(JSON.stringify(lockIds))(node);
		if (node.type !== NODE_TYPE) return;
		node.parameters.operation = 'release';
		Object.assign(node, {
			onError: 'stopWorkflow',
			retryOnFail: true,
			maxTries: 2,
			waitBetweenTries: 0,
		});
	});
	simulator.requests.length = 0;
	const { status, data } = await run(server, workflow);
	expect(status).toBe('error');
	expect(data.resultData.error?.message).toContain('1 of 2 locks were not released');
	expect(data.resultData.error?.message).toContain('gone@100');
	expect(simulator.requests.length).toBeGreaterThan(lockIds.length);
});

test('renews on a schedule, also after a restart of n8n, each time with its own signing time', async () => {
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

test('writes the token in clear text neither to the database nor to any other file nor to the log', () => {
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
