import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeParameters,
	IRunExecutionData,
} from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import { changed } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import type { N8nServer } from './server';

export const NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupLock';
export const BACKUP_NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackup';
export const TRIGGER_NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupTrigger';
export const MANUAL_TRIGGER = 'When clicking ‘Execute workflow’';

export interface StoredCredential {
	id: string;
	name: string;
}

export interface StoredWorkflow extends WorkflowJson {
	id: string;
	versionId: string;
}

/** A node of a workflow whose nodes run one after the other. */
export type NodeJson = Pick<INode, 'type' | 'parameters' | 'webhookId'> & Partial<INode>;

export const manualTrigger: NodeJson = {
	name: MANUAL_TRIGGER,
	type: 'n8n-nodes-base.manualTrigger',
	parameters: {},
};

/** A trigger that starts the workflow for each POST request to a path. */
export const webhookTrigger = (path: string): NodeJson => ({
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
	webhookId: path,
});

/** A workflow whose nodes run one after the other. A node without a name gets its position as its name. */
export function sequence(name: string, chain: NodeJson[]): WorkflowJson {
	const nodes = chain.map(
		(node, index): INode => ({
			id: `${index}`,
			name: `Node ${index + 1}`,
			typeVersion: 1,
			position: [index * 240, 0],
			...node,
		}),
	);
	const connections = Object.fromEntries(
		nodes
			.slice(1)
			.map((node, index) => [
				nodes[index]!.name,
				{ main: [[{ node: node.name, type: 'main' as const, index: 0 }]] },
			]),
	);
	return { name, nodes, connections };
}

/** A workflow with one node of KooDrive Backup, for its panel. */
export const single = (name: string, parameters: object): WorkflowJson =>
	sequence(name, [
		manualTrigger,
		{ name, type: BACKUP_NODE_TYPE, parameters: parameters as INodeParameters },
	]);

export const backUp = (deviceId: string): NodeJson => ({
	name: 'Back up files',
	type: BACKUP_NODE_TYPE,
	parameters: {
		resource: 'backup',
		operation: 'backUp',
		deviceId: { __rl: true, mode: 'id', value: deviceId },
		moduleCode: '100',
	} as unknown as INodeParameters,
});

/** An execution, as n8n stored it. */
export interface StoredExecution {
	id: string;
	status: string;
	data: IRunExecutionData;
	/** What a node returned. */
	json: (nodeName: string, output?: number) => IDataObject[];
}

/** The fields of a credential that the simulator accepts. */
export function credentialFor({
	account: { accessToken, userId },
	endpoint,
}: Pick<KooDriveSimulator, 'account' | 'endpoint'>): ICredentialDataDecryptedObject {
	return {
		endpoint,
		authentication: 'accessToken',
		accessToken,
		tokenFormat: 'bearerPlus',
		userId,
	};
}

export async function createCredential(
	server: N8nServer,
	data: ICredentialDataDecryptedObject,
	name = 'KooDrive',
	type = 'kooDriveApi',
): Promise<StoredCredential> {
	return await server.post('/credentials', { name, type, data });
}

export async function testCredential(
	server: N8nServer,
	{ id, name }: StoredCredential,
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	return await server.post('/credentials/test', {
		credentials: { id, name, type: 'kooDriveApi', data },
	});
}

/** Imports a workflow with the credential selected in each node that takes it, and other changes. */
export async function importWorkflow(
	server: N8nServer,
	workflow: WorkflowJson,
	{ id, name }: StoredCredential,
	change: (node: INode) => void = () => undefined,
): Promise<StoredWorkflow> {
	const copy = changed(workflow, (node) => {
		const usesCredential =
			[NODE_TYPE, BACKUP_NODE_TYPE, TRIGGER_NODE_TYPE].includes(node.type.replace(/Tool$/, '')) ||
			node.parameters.nodeCredentialType === 'kooDriveApi';
		if (usesCredential) node.credentials = { kooDriveApi: { id, name } };
		change(node);
	});
	// n8n 2.0 has no default for `active`.
	return await server.post('/workflows', { active: false, ...copy });
}

/** Starts a workflow at its first trigger, as the button "Execute workflow" does. */
export async function start(server: N8nServer, workflow: StoredWorkflow): Promise<string> {
	const trigger = workflow.nodes.find(({ type }) => type.endsWith('Trigger'))!.name;
	const { executionId } = await server.post<{ executionId: string }>(
		`/workflows/${workflow.id}/run`,
		{ workflowData: workflow, triggerToStartFrom: { name: trigger } },
	);
	return executionId;
}

/** Runs a workflow to its end. */
export async function run(server: N8nServer, workflow: StoredWorkflow): Promise<StoredExecution> {
	return await finished(server, await start(server, workflow));
}

/** Waits until an execution has ended, and reads it. */
export async function finished(
	server: N8nServer,
	id: string,
	milliseconds = 60_000,
): Promise<StoredExecution> {
	await until(
		'the execution has ended',
		async () => {
			const { status } = await server.get<{ status: string }>(`/executions/${id}`);
			return !['new', 'running', 'waiting'].includes(status);
		},
		milliseconds,
	);
	return await read(server, id);
}

/** Reads an execution as it is stored now. */
export async function read(server: N8nServer, id: string): Promise<StoredExecution> {
	const stored = await server.get<{ status: string; data: string }>(`/executions/${id}`);
	const { parse } = await import('flatted');
	const data = parse(stored.data) as IRunExecutionData;
	return {
		id,
		status: stored.status,
		data,
		json: (nodeName, output = 0) =>
			(data.resultData.runData[nodeName]?.at(-1)?.data?.main?.[output] ?? []).map(
				({ json }: INodeExecutionData) => json,
			),
	};
}

/** The IDs of a workflow's executions, the latest first. */
export async function executionsOf(
	server: N8nServer,
	{ id }: StoredWorkflow,
): Promise<Array<string>> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
	const path = `/executions?filter=${filter}`;
	const { results } = await server.get<{ results: Array<{ id: string }> }>(path);
	return results.map((execution) => execution.id);
}

/** Waits until a workflow has been started, and returns the ID of its latest execution. */
export async function begun(server: N8nServer, workflow: StoredWorkflow): Promise<string> {
	let id: string | undefined;
	await until(`"${workflow.name}" has begun`, async () => {
		[id] = await executionsOf(server, workflow);
		return id !== undefined;
	});
	return id!;
}

/** Waits until an error workflow has been executed, and returns the message of the example `backup-failed`. */
export async function reportOf(
	server: N8nServer,
	errors: StoredWorkflow,
): Promise<IDataObject | undefined> {
	const report = await begun(server, errors);
	return (await finished(server, report)).json('Send Email')[0];
}

/** Publishes a workflow. */
export async function activate(server: N8nServer, workflow: StoredWorkflow): Promise<void> {
	await server.post(`/workflows/${workflow.id}/activate`, { versionId: workflow.versionId });
}

/** Waits until a published workflow can be started by its webhook, which is a little later. */
export async function untilRegistered(server: N8nServer, path: string): Promise<void> {
	// Then n8n answers GET with a hint at POST.
	await until('the webhook is registered', async () => {
		const response = await fetch(`${server.url}/webhook/${path}`);
		return (await response.text()).includes('POST');
	});
}
