import type { INode, INodeParameters } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import type { KooDriveSimulator } from '../simulator';
import { ChatModel } from './chatModel';
import type { N8nServer } from './server';
import { startWithCredential, stopAtEnd } from './setup';
import type { StoredCredential, StoredExecution } from './workflows';
import { BACKUP_NODE_TYPE, createCredential, importWorkflow, NODE_TYPE, run } from './workflows';

/* The nodes as tools of n8n's AI Agent, with a model that is a stub. */

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;
let modelCredential: StoredCredential;
let model: ChatModel;

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential());
	model = await new ChatModel().start();
	stopAtEnd(() => model.stop());
	const data = { apiKey: 'any', url: model.url, header: false, allowedHttpRequestDomains: 'all' };
	modelCredential = await createCredential(server, data, 'Model', 'openAiApi');
});

/** The expression that n8n writes into a field that the agent fills in. */
const fromAgent = (field: string, description = '') =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${field}', \`${description}\`, 'string') }}`;

const fromAgentById = (field: string) => ({
	__rl: true,
	mode: 'id',
	value: fromAgent(field),
});

const LOCK_TOOL: Partial<INode> = {
	name: 'Renew backup lock',
	type: `${NODE_TYPE}Tool`,
	parameters: { operation: 'renew', lockId: fromAgent('Lock_ID'), options: {} },
};

const LIST_TOOL: Partial<INode> = {
	name: 'Get many backup records',
	type: `${BACKUP_NODE_TYPE}Tool`,
	parameters: {
		resource: 'record',
		operation: 'getAll',
		moduleCode: '100',
		returnAll: true,
		filters: { deviceId: fromAgentById('Device') },
		options: {},
	} as unknown as INodeParameters,
};

const RESTORE_TOOL: Partial<INode> = {
	name: 'Restore backup',
	type: `${BACKUP_NODE_TYPE}Tool`,
	parameters: {
		resource: 'backup',
		operation: 'restore',
		source: 'record',
		recordId: fromAgentById('Record'),
		binaryPropertyName: 'data',
		options: {},
	} as unknown as INodeParameters,
};

/** A workflow whose agent has these tools. */
function agentWith(tools: Array<Partial<INode>>): WorkflowJson {
	const common = { typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
	const nodes: INode[] = [
		{ ...common, id: 'trigger', name: 'Trigger', type: 'n8n-nodes-base.manualTrigger' },
		{
			...common,
			id: 'agent',
			name: 'AI Agent',
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: 3,
			parameters: { promptType: 'define', text: 'Look after the backups.', options: {} },
		},
		{
			...common,
			id: 'model',
			name: 'Model',
			type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
			typeVersion: 1.2,
			parameters: {
				model: { __rl: true, mode: 'id', value: 'stub' } as unknown as INodeParameters,
				options: {},
			},
			credentials: { openAiApi: modelCredential },
		},
		...tools.map((tool, index) => ({ ...common, id: `tool-${index}`, ...tool }) as INode),
	];
	const to = (type: 'main' | 'ai_tool' | 'ai_languageModel') => ({
		[type]: [[{ node: 'AI Agent', type, index: 0 }]],
	});
	const connections = {
		Trigger: to('main'),
		Model: to('ai_languageModel'),
		...Object.fromEntries(tools.map(({ name }) => [name, to('ai_tool')])),
	};
	return { name: 'agent', nodes, connections, settings: { executionOrder: 'v1' } };
}

async function runAgent(...tools: Array<Partial<INode>>): Promise<StoredExecution> {
	const execution = await run(server, await importWorkflow(server, agentWith(tools), credential));
	expect(execution.data.resultData.error?.message).toBeUndefined();
	expect(execution.json('AI Agent')).toEqual([{ output: 'Done.' }]);
	return execution;
}

test('tells the model what the tools do, and which parameters they require', async () => {
	model.willUse();
	await runAgent(LOCK_TOOL, LIST_TOOL, RESTORE_TOOL);
	const required = model.tools.map(({ name, parameters }) => [name, parameters.required]);
	expect(Object.fromEntries(required)).toEqual({
		Renew_backup_lock: ['Lock_ID'],
		Get_many_backup_records: ['Device'],
		Restore_backup: ['Record'],
	});
	for (const { description } of model.tools) expect(description).toMatch(/lock|record|backup/i);
});

test('renews a lock', async () => {
	const lockId = simulator.locks.create('101');
	model.willUse({ tool: 'Renew', parameters: { Lock_ID: lockId } });
	simulator.requests.length = 0;
	await runAgent(LOCK_TOOL);
	expect(simulator.requests).toMatchObject([
		{ method: 'PATCH', headers: { 'x-backup-lock-id': lockId } },
	]);
	expect(model.results.join()).toContain('success');
});

test('keeps a lock alive', async () => {
	const lockId = simulator.locks.create('101');
	model.willUse({ tool: 'Keep', parameters: { Lock_ID: lockId } });
	await runAgent({
		...LOCK_TOOL,
		name: 'Keep backup lock alive',
		parameters: { ...LOCK_TOOL.parameters, operation: 'keepAlive' },
	});
	expect(model.results.join()).toContain(lockId);
});

test('says why a lock was not renewed', async () => {
	model.willUse({ tool: 'Renew', parameters: { Lock_ID: 'gone@100' } });
	const execution = await run(
		server,
		await importWorkflow(server, agentWith([LOCK_TOOL]), credential),
	);
	const result = [...model.results, execution.data.resultData.error?.message].join();
	expect(result).toContain("the lock doesn't exist or has expired");
});

test('lists the backups of a device, and says why files need a node', async () => {
	const { deviceId } = simulator.devices.bind('machine', 'file-server-1', 'Linux');
	const { recordId } = simulator.records.create('100', deviceId, { status: 1 });
	model.willUse(
		{ tool: 'Get_many', parameters: { Device: deviceId } },
		{ tool: 'Restore', parameters: { Record: recordId } },
	);
	const execution = await run(
		server,
		await importWorkflow(server, agentWith([LIST_TOOL, RESTORE_TOOL]), credential),
	);
	const [records, ...others] = [...model.results, execution.data.resultData.error?.message];
	expect(records).toContain(recordId);
	expect(others.join()).toContain("can't be used as a tool of an AI agent");
});
