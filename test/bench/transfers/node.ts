import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import pLimit from 'p-limit';

import type { WorkflowJson } from '../../engine';
import { BACKUP_NODE_TYPE, Engine, workflowOf } from '../../engine';
import { useBinaryMode } from '../../engine/files';
import { standIns } from '../../engine/standIns';
import { byId } from '../../setup';
import { loadNodeType } from '../nodesOfN8n';
import type { Contender, TransferTask } from './contender';
import type { SourceFile } from './files';
import { readFile } from './files';
import { Stopwatch } from './figures';

/** n8n's engine, which keeps binary data in files. */
export async function loadEngine(): Promise<Engine> {
	const engine = await Engine.load();
	await useBinaryMode('filesystem');
	return engine;
}

/** Has the workflow begin with these files in n8n's storage, or with an empty item. */
export function beginWith(engine: Engine, files: SourceFile[], begin: () => void): void {
	const inParallel = pLimit(8);
	engine.addNode('test.items', {
		description: standIns['test.items']!.description,
		async execute(this: IExecuteFunctions) {
			const toItem = async (file: SourceFile): Promise<INodeExecutionData> => {
				const stream = readFile(file);
				const data = await this.helpers.prepareBinaryData(
					stream,
					file.name,
					'application/octet-stream',
				);
				return { json: {}, binary: { data }, pairedItem: { item: 0 } };
			};
			const items = await Promise.all(files.map(async (file) => await inParallel(toItem, file)));
			begin();
			return [items.length > 0 ? items : [{ json: {}, pairedItem: { item: 0 } }]];
		},
	});
}

/** Back Up and Restore of KooDrive Backup. */
export async function node(task: TransferTask): Promise<Contender> {
	return await inEngine(task, await loadEngine());
}

/** The same with all files in one archive, from n8n's Aggregate and Compression nodes. */
export async function archive(task: TransferTask): Promise<Contender> {
	const engine = await loadEngine();
	for (const { path, type, version } of ARCHIVING) {
		engine.addNode(type, loadNodeType(task.modules, path, version));
	}
	return await inEngine(task, engine, ARCHIVING);
}

const ARCHIVING = [
	{
		name: 'Aggregate',
		path: 'Transform/Aggregate',
		type: 'n8n-nodes-base.aggregate',
		version: 1,
		parameters: { aggregate: 'aggregateAllItemData', options: { includeBinaries: true } },
	},
	{
		name: 'Compression',
		path: 'Compression',
		type: 'n8n-nodes-base.compression',
		version: 1.1,
		parameters: {
			operation: 'compress',
			binaryPropertyName: "={{ Object.keys($binary).join(',') }}",
			outputFormat: 'zip',
			fileName: 'backup.zip',
		},
	},
] as const;

/** @param before nodes that get the files before Back Up does */
async function inEngine(
	task: TransferTask,
	engine: Engine,
	before: typeof ARCHIVING | readonly [] = [],
): Promise<Contender> {
	const { endpoint, account, deviceId, parallel, case: situation } = task;
	if (situation.partSize !== undefined) await usePartSize(situation.partSize);
	const { accessToken, userId } = account;
	const run = async (files: SourceFile[], parameters: object) => {
		let stopwatch: Stopwatch | undefined;
		beginWith(engine, files, () => (stopwatch = new Stopwatch()));
		const workflow = workflowOf(
			[],
			{ resource: 'backup', options: { parallelTransfers: parallel }, ...parameters },
			{ type: BACKUP_NODE_TYPE },
		);
		if (files.length > 0) insert(workflow, before);
		const executed = await engine.run(workflow, { endpoint, accessToken, userId });
		const { status, data } = executed.run;
		if (status !== 'success') throw new Error(String(data.resultData.error?.message));
		return { output: executed.json('Next'), stop: stopwatch!.stop.bind(stopwatch) };
	};
	return {
		async backUp(files) {
			const backUp = { operation: 'backUp', moduleCode: '100', deviceId: byId(deviceId) };
			const { output, stop } = await run(files, backUp);
			const [{ recordId, files: uploaded }] = output as [{ recordId: string; files: number }];
			return { recordId, figures: stop((before.length > 0 ? 1 : files.length) - uploaded) };
		},
		async restore(recordId) {
			const restore = { operation: 'restore', source: 'record', recordId: byId(recordId) };
			const { output, stop } = await run([], restore);
			return { restored: output.length, figures: stop(0) };
		},
	};
}

/** Inserts nodes between the first one and the node that is measured. */
function insert({ nodes, connections }: WorkflowJson, added: typeof ARCHIVING | readonly []): void {
	const [items, measured] = ['Items', 'KooDrive'];
	let previous = items;
	for (const { name, type, version: typeVersion, parameters } of added) {
		const position: [number, number] = [0, 0];
		nodes.push({ id: name, name, type, typeVersion, position, parameters });
		connections[previous] = { main: [[{ node: name, type: 'main', index: 0 }]] };
		previous = name;
	}
	connections[previous] = { main: [[{ node: measured, type: 'main', index: 0 }]] };
}

/** Has the node cut files into parts of another size. */
async function usePartSize(partSize: number): Promise<void> {
	const { PARTS } = (await import(
		'#dist/nodes/KooDriveBackup/transfer/sendParts'
	)) as typeof import('#dist/nodes/KooDriveBackup/transfer/sendParts');
	PARTS.size = partSize;
}
