import type { IDataObject, INode } from 'n8n-workflow';

import type { Engine, Executed, WorkflowJson } from '../../engine';
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
 * n8n's HTTP Request node, as a careful user would back files up and restore them with it: a loop over batches of as
 * many files as the node transfers in parallel, with the SHA-256 of each from n8n's Crypto node. What Restore needs
 * once, the list of files and the space, is requested without n8n.
 */
export async function httpRequest(task: TransferTask): Promise<Contender> {
	const engine = await loadEngine();
	addNodes(engine, task.modules);
	const api = new Api(task.endpoint, task.account, 1);
	return {
		async backUp(files) {
			let stopwatch: Stopwatch | undefined;
			beginWith(engine, files, () => (stopwatch = new Stopwatch()));
			const executed = await run(engine, uploads(task));
			const uploaded = executed.json('Done').filter(({ code }) => Number(code) === 0);
			const figures = stopwatch!.stop(files.length - uploaded.length);
			const [{ data }] = executed.json('Record') as [{ data: { recordId: string } }];
			return { recordId: data.recordId, figures };
		},
		async restore(recordId) {
			const stopwatch = new Stopwatch();
			const files = await api.listFiles(recordId);
			const containerId = await api.findContainerId();
			const executed = await run(engine, downloads(task, files, containerId));
			const restored = executed.json('Done');
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

async function run(engine: Engine, workflow: WorkflowJson): Promise<Executed> {
	const executed = await engine.run(workflow);
	const { status, data } = executed.run;
	if (status === 'success') return executed;
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

function once(name: string, parameters: IDataObject): INode {
	return { ...node(name, 'HttpRequest', parameters), executeOnce: true };
}

const to = (name: string, index = 0) => ({ node: name, type: 'main' as const, index });

const LOCK_ID = "={{ $('Lock').first().json.data.lockId }}";
const RECORD_ID = "{{ $('Record').first().json.data.recordId }}";

/** @param path may contain an expression */
function call(
	task: TransferTask,
	method: string,
	path: string,
	body?: string,
	lockId?: string,
): IDataObject {
	return {
		method,
		url: `=${task.endpoint}/koodrive/ose/v1${path}`,
		...headerParameters(task.account, lockId === undefined ? {} : { 'x-backup-lock-id': lockId }),
		...(body !== undefined && { sendBody: true, specifyBody: 'json', jsonBody: body }),
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

function uploads(task: TransferTask): WorkflowJson {
	const made = JSON.stringify({ moduleCode: '100', deviceId: task.deviceId });
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
			once('Lock', call(task, 'POST', '/backup/lock', made)),
			once('Record', call(task, 'POST', '/backup/record', made, LOCK_ID)),
			// n8n runs the branches from top to bottom.
			{
				...node('Loop', 'SplitInBatches', { batchSize: task.parallel, options: {} }),
				position: [0, 100],
			},
			node('Hash', 'Crypto', hash),
			node(
				'Create',
				'HttpRequest',
				call(task, 'POST', `/backup/record/${RECORD_ID}/file`, create, LOCK_ID),
			),
			node('With Link', 'Merge', {
				mode: 'combine',
				combineBy: 'combineByPosition',
				numberInputs: 3,
				options: {},
			}),
			node('Put', 'HttpRequest', put),
			node('Complete', 'HttpRequest', call(task, 'POST', '/files/complete', complete, LOCK_ID)),
			node('Done', 'n8n-nodes-base.noOp'),
			once('Complete Record', call(task, 'PATCH', `/backup/record/${RECORD_ID}`, '{}', LOCK_ID)),
			once('Release', call(task, 'DELETE', '/backup/lock', undefined, LOCK_ID)),
		],
		connections: {
			Trigger: { main: [[to('Items')]] },
			Items: { main: [[to('Lock'), to('Loop')]] },
			Lock: { main: [[to('Record')]] },
			Done: { main: [[to('Complete Record')]] },
			'Complete Record': { main: [[to('Release')]] },
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
			node('Link', 'HttpRequest', call(task, 'POST', '/files/download', link)),
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
