import './environment';
import 'reflect-metadata';

import { resolve } from 'node:path';

import {
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PollContext,
	PackageDirectoryLoader,
	WorkflowExecute,
} from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	IPollFunctions,
	IRun,
	IRunExecutionData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	WorkflowActivateMode,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { createRunExecutionData, Workflow } from 'n8n-workflow';

import type { Clock } from '#dist/nodes/shared/http/clock';
import type { Resource } from '#dist/nodes/shared/execution/operation';
import { acquireIsolate, runWorkflow } from '../compatibility/adapt';
import { StoredCredentials } from './credentials';
import { provideEncryptionKey } from './encryption';
import { standIns } from './standIns';

/** The parts of an exported workflow that the engine needs. */
export type WorkflowJson = Pick<IWorkflowBase, 'name' | 'nodes' | 'connections' | 'settings'>;

export const NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupLock';
export const BACKUP_NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackup';
export const TRIGGER_NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupTrigger';

export const WORKFLOW_ID = 'workflow';

const CREDENTIAL_ID = 'under test';
const credentials = { kooDriveApi: { id: CREDENTIAL_ID, name: CREDENTIAL_ID } };
const PACKAGE_FOLDER = resolve(__dirname, '../..');

/** A finished execution in n8n-core's engine. */
export interface Executed {
	run: IRun;
	/** The items that a node passed on, by its name and output. */
	items: (nodeName: string, output?: number) => INodeExecutionData[];
	/** The JSON data of those items. */
	json: (nodeName: string, output?: number) => IDataObject[];
}

/** A running execution. */
export interface Execution {
	id: string;
	finished: Promise<Executed>;
	/** Stops it, as a user does. */
	cancel: () => void;
}

/** An active workflow of a polling trigger. */
export interface Polling {
	/** @returns the items with which n8n would start the workflow; `undefined` where there are none */
	poll: () => Promise<IDataObject[] | undefined>;
	/** A copy of what n8n would store now. */
	getStaticData: () => IDataObject;
	/** When n8n would poll. */
	pollTimes: unknown;
}

/** n8n's engine with the built package. */
export class Engine {
	private constructor(
		private readonly nodeTypes: Map<string, INodeType>,
		readonly credentials: StoredCredentials,
		readonly credentialTypes: Map<string, ICredentialType>,
	) {}

	/** What n8n's database holds of an execution, by its ID. */
	readonly records = new Map<string, IRunExecutionData>();

	/** What the nodes under test logged, each line with its level before it. */
	readonly log: string[] = [];

	private executions = 0;

	/** Loads the built package as n8n does. */
	static async load(): Promise<Engine> {
		const loader = new PackageDirectoryLoader(PACKAGE_FOLDER);
		await loader.loadAll();
		provideEncryptionKey();
		const nodeTypes = new Map(Object.entries(standIns));
		for (const [name, { type }] of Object.entries(loader.nodeTypes)) {
			nodeTypes.set(`${loader.packageName}.${name}`, type as INodeType);
		}
		const credentialTypes = new Map(
			Object.entries(loader.credentialTypes).map(([name, { type }]) => [name, type]),
		);
		return new Engine(nodeTypes, new StoredCredentials(credentialTypes), credentialTypes);
	}

	/** The lock node. */
	get node(): INodeType {
		return this.nodeType(NODE_TYPE);
	}

	/** The record node. */
	get recordNode(): INodeType {
		return this.nodeType(BACKUP_NODE_TYPE);
	}

	/** Adds a node of a test or a benchmark. */
	addNode(name: string, type: INodeType): void {
		this.nodeTypes.set(name, type);
	}

	/** Replaces the clock of the nodes under test, and n8n's logger by {@link log}. */
	async useClock(clock: Clock): Promise<void> {
		const { executeOperation } = (await import(
			'#dist/nodes/shared/execution/executeOperation'
		)) as typeof import('#dist/nodes/shared/execution/executeOperation');
		const locks = (await import(
			'#dist/nodes/KooDriveBackupLock/operations/index'
		)) as typeof import('#dist/nodes/KooDriveBackupLock/operations/index');
		const records = (await import(
			'#dist/nodes/KooDriveBackup/resources/index'
		)) as typeof import('#dist/nodes/KooDriveBackup/resources/index');
		const note = (level: string) => (line: string) => void this.log.push(`${level} ${line}`);
		const logger = { value: { warn: note('warn'), info: note('info') } };
		const withClock = (name: string, { resources }: { resources: readonly Resource[] }) => {
			const { description, methods } = this.nodeType(name);
			this.addNode(name, {
				description,
				methods,
				async execute(this: IExecuteFunctions) {
					const context = Object.create(this, { logger }) as IExecuteFunctions;
					return await executeOperation(context, resources, clock);
				},
			});
		};
		withClock(NODE_TYPE, locks);
		withClock(BACKUP_NODE_TYPE, records);
		const { pollBackups } = (await import(
			'#dist/nodes/KooDriveBackupTrigger/poll'
		)) as typeof import('#dist/nodes/KooDriveBackupTrigger/poll');
		const { description, methods } = this.nodeType(TRIGGER_NODE_TYPE);
		this.addNode(TRIGGER_NODE_TYPE, {
			description,
			methods,
			async poll(this: IPollFunctions) {
				return await pollBackups(this, clock);
			},
		});
	}

	/** Runs a workflow to its end. */
	async run(
		workflow: WorkflowJson,
		credential?: ICredentialDataDecryptedObject,
	): Promise<Executed> {
		return await (
			await this.start(workflow, credential)
		).finished;
	}

	/** Starts a workflow. Each node that takes a KooDrive API credential gets this one, or none. */
	async start(
		workflowJson: WorkflowJson,
		credential?: ICredentialDataDecryptedObject,
	): Promise<Execution> {
		if (credential) await this.credentials.store(CREDENTIAL_ID, 'kooDriveApi', credential);
		const nodes = workflowJson.nodes.map(
			(node): INode =>
				credential && this.usesCredential(node.type) ? { ...node, credentials } : node,
		);
		const workflow = this.toWorkflow({ ...workflowJson, nodes });
		const id = `execution-${++this.executions}`;
		const execute = new WorkflowExecute(
			this.additionalData({ ...workflowJson, nodes }, id),
			'manual',
			createRunExecutionData({}),
		);
		const { running, release } = await runWorkflow(execute, workflow);
		return {
			id,
			finished: running.then(toExecuted).finally(release),
			cancel: () => running.cancel(),
		};
	}

	/** What n8n gives to a function that lists the values of a node's field. */
	async startListSearch(
		type: string,
		parameters: INodeParameters,
		credential: ICredentialDataDecryptedObject,
	): Promise<ILoadOptionsFunctions> {
		await this.credentials.store(CREDENTIAL_ID, 'kooDriveApi', credential);
		const node: INode = {
			id: 'node',
			name: 'Temp-Node',
			type,
			typeVersion: 1,
			position: [0, 0],
			parameters,
			credentials,
		};
		const workflowJson: WorkflowJson = { name: 'list', nodes: [node], connections: {} };
		const additionalData = {
			...this.additionalData(workflowJson, 'list'),
			currentNodeParameters: parameters,
		};
		return new LoadOptionsContext(
			this.toWorkflow(workflowJson),
			node,
			additionalData,
			'parameters',
		) as unknown as ILoadOptionsFunctions;
	}

	/**
	 * Activates a polling trigger as n8n does: with one context for all its polls.
	 *
	 * @param staticData what n8n's database holds of the workflow's static data
	 */
	async startPolling(
		parameters: INodeParameters,
		credential: ICredentialDataDecryptedObject,
		staticData: IDataObject,
		activation: WorkflowActivateMode,
		mode: WorkflowExecuteMode = 'trigger',
	): Promise<Polling> {
		await this.credentials.store(CREDENTIAL_ID, 'kooDriveApi', credential);
		const node: INode = {
			id: 'node',
			name: 'KooDrive',
			type: TRIGGER_NODE_TYPE,
			typeVersion: 1,
			position: [0, 0],
			parameters,
			credentials,
		};
		const workflowJson: WorkflowJson = { name: 'polling', nodes: [node], connections: {} };
		const workflow = this.toWorkflow(workflowJson, staticData);
		const additionalData = this.additionalData(workflowJson, 'poll');
		const context = new PollContext(workflow, node, additionalData, mode, activation);
		return {
			pollTimes: context.getNodeParameter('pollTimes'),
			getStaticData: () => JSON.parse(JSON.stringify(workflow.staticData)) as IDataObject,
			poll: async () => {
				const { release } = await acquireIsolate(workflow);
				try {
					const output = await this.nodeType(TRIGGER_NODE_TYPE).poll!.call(context);
					return output?.[0]?.map(({ json }) => json);
				} finally {
					release();
				}
			},
		};
	}

	private toWorkflow(
		{ name, nodes, connections, settings }: WorkflowJson,
		staticData?: IDataObject,
	): Workflow {
		return new Workflow({
			id: WORKFLOW_ID,
			name,
			nodes,
			connections,
			active: false,
			nodeTypes: {
				getByName: (type) => this.nodeType(type),
				getByNameAndVersion: (type) => this.nodeType(type),
				getKnownTypes: () => ({}),
			},
			settings: { executionOrder: 'v1', ...settings },
			staticData,
		});
	}

	private usesCredential(type: string): boolean {
		const credentials = this.nodeType(type).description.credentials ?? [];
		return credentials.some(({ name }) => name === 'kooDriveApi');
	}

	/** A node type by its name. */
	nodeType(name: string): INodeType {
		const type = this.nodeTypes.get(name);
		if (type === undefined) throw new Error(`no node type ${name}`);
		return type;
	}

	private additionalData(
		workflowData: WorkflowJson,
		executionId: string,
	): IWorkflowExecuteAdditionalData {
		const base = 'http://127.0.0.1/';
		return {
			credentialsHelper: this.credentials,
			hooks: new ExecutionLifecycleHooks('manual', executionId, workflowData as IWorkflowBase),
			executionId,
			getRunExecutionData: async (id: string) => await Promise.resolve(this.records.get(id)),
			currentNodeExecutionIndex: 0,
			restApiUrl: base,
			instanceBaseUrl: base,
			webhookBaseUrl: base,
			webhookWaitingBaseUrl: base,
			formWaitingBaseUrl: base,
			webhookTestBaseUrl: base,
			variables: {},
			setExecutionStatus: () => undefined,
		} as unknown as IWorkflowExecuteAdditionalData;
	}
}

function toExecuted(run: IRun): Executed {
	const items = (nodeName: string, output = 0) =>
		run.data.resultData.runData[nodeName]?.at(-1)?.data?.main?.[output] ?? [];
	return {
		run,
		items,
		json: (nodeName, output) => items(nodeName, output).map(({ json }) => json),
	};
}

/** A workflow of a trigger, one item for each set of fields, the node under test and a next node. */
export function workflowOf(
	items: IDataObject[],
	parameters: IDataObject = {},
	settings: Partial<INode> = {},
): WorkflowJson {
	const node = (name: string, type: string, more: Partial<INode> = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		...more,
	});
	const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	return {
		name: 'under test',
		nodes: [
			node('Trigger', 'n8n-nodes-base.manualTrigger'),
			node('Items', 'test.items', { parameters: { items: items as INodeParameters[] } }),
			node('KooDrive', NODE_TYPE, {
				parameters: { operation: 'renew', lockId: '={{ $json.lockId }}', ...parameters },
				...settings,
			}),
			node('Next', 'n8n-nodes-base.noOp'),
			node('Failed', 'n8n-nodes-base.noOp'),
		],
		connections: {
			Trigger: { main: [to('Items')] },
			Items: { main: [to('KooDrive')] },
			KooDrive: { main: [to('Next'), to('Failed')] },
		},
	};
}
