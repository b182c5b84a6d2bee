import './environment';
import 'reflect-metadata';

import { resolve } from 'node:path';

import { ExecutionLifecycleHooks, PackageDirectoryLoader, WorkflowExecute } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	IRun,
	IRunExecutionData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { createRunExecutionData, Workflow } from 'n8n-workflow';
import type PCancelable from 'p-cancelable';

import type { Clock } from '../../dist/nodes/shared/retry/clock';
import type { Operation } from '../../dist/nodes/shared/run/operation';
import { StoredCredentials } from './credentials';
import { provideEncryptionKey } from './encryption';
import { standIns } from './standIns';

/** What is needed of an exported workflow. */
export type WorkflowJson = Pick<IWorkflowBase, 'name' | 'nodes' | 'connections' | 'settings'>;

export const NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupLock';
export const RECORD_NODE_TYPE = 'n8n-nodes-koodrive.kooDriveBackupRecord';

const CREDENTIAL_ID = 'under test';
const PACKAGE_FOLDER = resolve(__dirname, '../..');

/** A workflow that has been run in n8n-core's engine. */
export interface Executed {
	run: IRun;
	/** What a node handed to the next step, by its name and output. */
	items: (nodeName: string, output?: number) => INodeExecutionData[];
	/** The same, without what n8n keeps beside the data. */
	json: (nodeName: string, output?: number) => IDataObject[];
}

/** A workflow in execution. */
export interface Execution {
	finished: Promise<Executed>;
	/** Stops it as a user does. */
	cancel: () => void;
}

/** n8n's engine with the built package in it. */
export class Engine {
	private constructor(
		private readonly nodeTypes: Map<string, INodeType>,
		readonly credentials: StoredCredentials,
		readonly credentialTypes: Map<string, ICredentialType>,
	) {}

	/** What n8n's records hold of an execution, by its ID. */
	readonly records = new Map<string, IRunExecutionData>();

	private executions = 0;

	/** Loads the built package the way n8n does. */
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

	/** The lock's node, as n8n holds it. */
	get node(): INodeType {
		return this.nodeType(NODE_TYPE);
	}

	/** The record's node, as n8n holds it. */
	get recordNode(): INodeType {
		return this.nodeType(RECORD_NODE_TYPE);
	}

	/** Adds a node that a test or a benchmark places beside ours. */
	addNode(name: string, type: INodeType): void {
		this.nodeTypes.set(name, type);
	}

	/** Runs the nodes under test with another clock, from now on. */
	async useClock(clock: Clock): Promise<void> {
		const { executeOperation } = (await import(
			'../../dist/nodes/shared/run/executeOperation.js'
		)) as typeof import('../../dist/nodes/shared/run/executeOperation');
		const locks = (await import(
			'../../dist/nodes/KooDriveBackupLock/operations/index.js'
		)) as typeof import('../../dist/nodes/KooDriveBackupLock/operations');
		const records = (await import(
			'../../dist/nodes/KooDriveBackupRecord/operations/index.js'
		)) as typeof import('../../dist/nodes/KooDriveBackupRecord/operations');
		const withClock = (name: string, { operations }: { operations: readonly Operation[] }) => {
			const { description, methods } = this.nodeType(name);
			this.addNode(name, {
				description,
				methods,
				async execute(this: IExecuteFunctions) {
					return await executeOperation(this, operations, clock);
				},
			});
		};
		withClock(NODE_TYPE, locks);
		withClock(RECORD_NODE_TYPE, records);
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

	/** Starts a workflow; each node in it that takes a KooDrive API credential gets this one, or none. */
	async start(
		workflowJson: WorkflowJson,
		credential?: ICredentialDataDecryptedObject,
	): Promise<Execution> {
		if (credential) await this.credentials.store(CREDENTIAL_ID, 'kooDriveApi', credential);
		const nodes = workflowJson.nodes.map(
			(node): INode =>
				credential && this.usesCredential(node.type)
					? {
							...node,
							credentials: { kooDriveApi: { id: CREDENTIAL_ID, name: CREDENTIAL_ID } },
						}
					: node,
		);
		const workflow = new Workflow({
			id: 'workflow',
			name: workflowJson.name,
			nodes,
			connections: workflowJson.connections,
			active: false,
			nodeTypes: {
				getByName: (name) => this.nodeType(name),
				getByNameAndVersion: (name) => this.nodeType(name),
				getKnownTypes: () => ({}),
			},
			settings: { executionOrder: 'v1' },
		});
		const execute = new WorkflowExecute(
			this.additionalData({ ...workflowJson, nodes }, `execution-${++this.executions}`),
			'manual',
			createRunExecutionData({}),
		);
		await workflow.expression.acquireIsolate();
		const running = execute.run({ workflow }) as PCancelable<IRun>;
		return {
			finished: running.then(toExecuted).finally(() => void workflow.expression.releaseIsolate()),
			cancel: () => running.cancel(),
		};
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

/** A workflow of a trigger, one item for each set of fields, the node under test and a next step. */
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
