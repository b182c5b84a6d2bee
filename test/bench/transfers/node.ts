import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import pLimit from 'p-limit';

import { BACKUP_NODE_TYPE, Engine, workflowOf } from '../../engine';
import { useBinaryMode } from '../../engine/files';
import { standIns } from '../../engine/standIns';
import { byId } from '../../setup';
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
	const { endpoint, account, deviceId, parallel, case: situation } = task;
	const engine = await loadEngine();
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
			return { recordId, figures: stop(files.length - uploaded) };
		},
		async restore(recordId) {
			const restore = { operation: 'restore', source: 'record', recordId: byId(recordId) };
			const { output, stop } = await run([], restore);
			return { restored: output.length, figures: stop(0) };
		},
	};
}

/** Has the node cut files into parts of another size. */
async function usePartSize(partSize: number): Promise<void> {
	const { PARTS } = (await import(
		'#dist/nodes/KooDriveBackup/transfer/sendParts'
	)) as typeof import('#dist/nodes/KooDriveBackup/transfer/sendParts');
	PARTS.size = partSize;
}
