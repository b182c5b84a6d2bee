import type { IDataObject, INode } from 'n8n-workflow';

import type { Engine, WorkflowJson } from '../../engine';
import { standIns } from '../../engine/standIns';
import { headerParameters, loadNodeType } from '../nodesOfN8n';
import { Api } from './api';
import type { Contender, TransferTask } from './contender';
import { Stopwatch } from './figures';
import { beginWith, loadEngine } from './node';

/** The nodes of n8n that the workflows below use, and their versions. */
const NODES = {
	Crypto: { name: 'crypto', version: 2 },
	HttpRequest: { name: 'httpRequest', version: 4.2 },
	Merge: { name: 'merge', version: 3.2 },
	SplitInBatches: { name: 'splitInBatches', version: 3 },
} as const;

type NodeName = keyof typeof NODES;

/**
 * n8n's HTTP Request node, as a careful user would upload and download files with it: a loop over batches of as many
 * files as the node transfers in parallel, with the SHA-256 of each from n8n's Crypto node. The lock and the record
 * are made without n8n.
 */
export async function httpRequest(task: TransferTask): Promise<Contender> {
	const engine = await loadEngine();
	addNodes(engine, task.modules);
	const api = new Api(task.endpoint, task.account, 1);
	return {
		async backUp(files) {
			let stopwatch: Stopwatch | undefined;
			let failures = 0;
			const recordId = await api.makeRecord(task.deviceId, async (record) => {
				beginWith(engine, files, () => (stopwatch = new Stopwatch()));
				const uploaded = await run(engine, uploads(task, record));
				failures = files.length - uploaded.filter(({ code }) => Number(code) === 0).length;
			});
			return { recordId, figures: stopwatch!.stop(failures) };
		},
		async restore(recordId) {
			const stopwatch = new Stopwatch();
			const files = await api.listFiles(recordId);
			const containerId = await api.findContainerId();
			const restored = await run(engine, downloads(task, files, containerId));
			const intact = new Set(files.map(({ sha256 }) => sha256));
			const found = restored.filter(({ sha256 }) => intact.has(String(sha256)));
			return { restored: found.length, figures: stopwatch.stop(0) };
		},
	};
}

function addNodes(engine: Engine, modules: string): void {
	engine.addNode('test.files', standIns['test.items']!);
	for (const [name, { name: type, version }] of Object.entries(NODES)) {
		engine.addNode(`n8n-nodes-base.${type}`, loadNodeType(modules, name, version));
	}
}

async function run(engine: Engine, workflow: WorkflowJson): Promise<IDataObject[]> {
	const executed = await engine.run(workflow);
	const { status, data } = executed.run;
	if (status === 'success') return executed.json('Done');
	const { lastNodeExecuted, error } = data.resultData;
	throw new Error(`${lastNodeExecuted}: ${error?.message} ${error?.description}`);
}

function node(name: string, type: NodeName | string, parameters: IDataObject = {}): INode {
	const known = NODES[type as NodeName];
	return {
		id: name,
		name,
		type: known === undefined ? type : `n8n-nodes-base.${known.name}`,
		typeVersion: known?.version ?? 1,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
	};
}

const to = (name: string, index = 0) => ({ node: name, type: 'main' as const, index });

function post(task: TransferTask, path: string, body: string, lockId?: string): IDataObject {
	return {
		method: 'POST',
		url: `${task.endpoint}/koodrive/ose/v1${path}`,
		...headerParameters(task.account, lockId === undefined ? {} : { 'x-backup-lock-id': lockId }),
		sendBody: true,
		specifyBody: 'json',
		jsonBody: body,
		options: {},
	};
}

const hash = {
	action: 'hash',
	type: 'SHA256',
	binaryData: true,
	binaryPropertyName: 'data',
	dataPropertyName: 'sha256',
	encoding: 'hex',
};

function uploads(
	task: TransferTask,
	{ recordId, lockId }: { recordId: string; lockId: string },
): WorkflowJson {
	const create = `={{ JSON.stringify({
		fileName: $('Loop').item.binary.data.fileName, fileType: '15', parentFolder: ['root'], length: Number($('Loop').item.binary.data.bytes),
		mimeType: $('Loop').item.binary.data.mimeType, uploadMode: 'multipart', uploadType: 1,
		multiParts: [{ partNumber: 1, partSize: Number($('Loop').item.binary.data.bytes) }],
	}) }}`;
	const file = "$('With Link').item.json";
	const complete = `={{ JSON.stringify({ fileId: ${file}.fileId, sha256: ${file}.sha256 }) }}`;
	const put = {
		method: 'PUT',
		url: '={{ $json.multiParts[0].uploadUrl }}',
		sendBody: true,
		contentType: 'binaryData',
		inputDataFieldName: 'data',
		options: {},
	};
	return {
		name: 'uploads',
		nodes: [
			node('Trigger', 'n8n-nodes-base.manualTrigger'),
			node('Items', 'test.items', { items: [] }),
			node('Loop', 'SplitInBatches', { batchSize: task.parallel, options: {} }),
			node('Hash', 'Crypto', hash),
			node('Create', 'HttpRequest', post(task, `/backup/record/${recordId}/file`, create, lockId)),
			node('With Link', 'Merge', {
				mode: 'combine',
				combineBy: 'combineByPosition',
				numberInputs: 3,
				options: {},
			}),
			node('Put', 'HttpRequest', put),
			node('Complete', 'HttpRequest', post(task, '/files/complete', complete, lockId)),
			node('Done', 'n8n-nodes-base.noOp'),
		],
		connections: {
			Trigger: { main: [[to('Items')]] },
			Items: { main: [[to('Loop')]] },
			Loop: { main: [[to('Done')], [to('Hash'), to('With Link', 2)]] },
			Hash: { main: [[to('Create'), to('With Link', 1)]] },
			Create: { main: [[to('With Link')]] },
			'With Link': { main: [[to('Put')]] },
			Put: { main: [[to('Complete')]] },
			Complete: { main: [[to('Loop')]] },
		},
	};
}

function downloads(task: TransferTask, files: object[], containerId: string): WorkflowJson {
	const link = `={{ JSON.stringify({ containerId: '${containerId}', fileIds: [$json.fileId] }) }}`;
	const get = {
		url: '={{ $json.downloads[0].url }}',
		options: { response: { response: { responseFormat: 'file', outputPropertyName: 'data' } } },
	};
	return {
		name: 'downloads',
		nodes: [
			node('Trigger', 'n8n-nodes-base.manualTrigger'),
			node('Items', 'test.files', { items: files as IDataObject[] }),
			node('Loop', 'SplitInBatches', { batchSize: task.parallel, options: {} }),
			node('Link', 'HttpRequest', post(task, '/files/download', link)),
			node('Get', 'HttpRequest', get),
			node('Hash', 'Crypto', hash),
			node('Done', 'n8n-nodes-base.noOp'),
		],
		connections: {
			Trigger: { main: [[to('Items')]] },
			Items: { main: [[to('Loop')]] },
			Loop: { main: [[to('Done')], [to('Link')]] },
			Link: { main: [[to('Get')]] },
			Get: { main: [[to('Hash')]] },
			Hash: { main: [[to('Loop')]] },
		},
	};
}
