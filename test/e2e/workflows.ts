import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeCredentialTestResult,
	INodeExecutionData,
	IRunExecutionData,
} from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import { changed } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import type { N8nServer } from './server';

export const NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupLock';
export const RECORD_NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupRecord';
export const MANUAL_TRIGGER = 'When clicking Execute workflow';

export interface StoredCredential {
	id: string;
	name: string;
}

export interface StoredWorkflow extends WorkflowJson {
	id: string;
	versionId: string;
}

/** An execution, as n8n stored it. */
export interface StoredExecution {
	id: string;
	status: string;
	data: IRunExecutionData;
	/** What a node handed on. */
	json: (nodeName: string, output?: number) => IDataObject[];
}

/** The fields of a credential that the simulator accepts. */
export function credentialFor(simulator: KooDriveSimulator): ICredentialDataDecryptedObject {
	const { accessToken, userId } = simulator.account;
	return {
		endpoint: simulator.endpoint,
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
): Promise<StoredCredential> {
	return await server.post('/credentials', { name, type: 'kooDriveApi', data });
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

/** Imports a workflow, after its user chose the credential and changed what is to be changed. */
export async function importWorkflow(
	server: N8nServer,
	workflow: WorkflowJson,
	{ id, name }: StoredCredential,
	change: (node: INode) => void = () => undefined,
): Promise<StoredWorkflow> {
	const copy = changed(workflow, (node) => {
		const usesCredential =
			[NODE_TYPE, RECORD_NODE_TYPE].includes(node.type) ||
			node.parameters.nodeCredentialType === 'kooDriveApi';
		if (usesCredential) node.credentials = { kooDriveApi: { id, name } };
		change(node);
	});
	return await server.post('/workflows', copy);
}

/** Starts a workflow as a user does who clicks "Execute workflow". */
export async function start(
	server: N8nServer,
	workflow: StoredWorkflow,
	trigger = MANUAL_TRIGGER,
): Promise<string> {
	const { executionId } = await server.post<{ executionId: string }>(
		`/workflows/${workflow.id}/run`,
		{ workflowData: workflow, triggerToStartFrom: { name: trigger } },
	);
	return executionId;
}

/** Runs a workflow to its end. */
export async function run(
	server: N8nServer,
	workflow: StoredWorkflow,
	trigger = MANUAL_TRIGGER,
): Promise<StoredExecution> {
	return await finished(server, await start(server, workflow, trigger));
}

/** Waits until an execution has ended, and reads it back. */
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

/** Switches a workflow on. */
export async function activate(server: N8nServer, workflow: StoredWorkflow): Promise<void> {
	await server.post(`/workflows/${workflow.id}/activate`, { versionId: workflow.versionId });
}
