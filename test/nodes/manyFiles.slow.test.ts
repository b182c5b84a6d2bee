import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { BACKUP_NODE_TYPE, NODE_TYPE } from '../engine';
import { filesWorkflow, useBinaryMode } from '../engine/files';
import { standIns } from '../engine/standIns';
import { byId, continueOnFail, errorOf, useKooDrive } from '../setup';
import { faults } from '../simulator';

/* n8n serves other workflows and its editor while a node works on many files or items. */

const drive = useKooDrive('real');

const FILES = 100_000;

/** Milliseconds in which the event loop of n8n may do nothing else. */
const LONGEST_TURN = 1_000;

test("100,000 files of a device by expression don't block n8n, from the beginning to a failure", async () => {
	await useBinaryMode('memory');
	const { deviceId } = drive.simulator.devices.bind('n8n', 'server-1', 'Linux');
	const delay = monitorEventLoopDelay({ resolution: 10 });
	const workflow = filesWorkflow(drive.engine, [], {
		resource: 'backup',
		operation: 'backUp',
		moduleCode: '100',
		deviceId: byId('={{ $json.deviceId }}'),
	});
	drive.engine.addNode('test.items', {
		description: standIns['test.items']!.description,
		async execute() {
			const items = Array.from({ length: FILES }, (_, index): INodeExecutionData => {
				const data = { data: 'AAAA', mimeType: 'text/plain', fileName: `${index}`, bytes: 3 };
				return { json: { deviceId }, binary: { data }, pairedItem: { item: 0 } };
			});
			setTimeout(() => delay.enable(), 0);
			return await Promise.resolve([items]);
		},
	});
	const turns: number[] = [];
	drive.simulator.store.faultFor = () => {
		turns.push(delay.max / 1e6);
		delay.reset();
		return faults.storeError(400, 'EntityTooSmall');
	};
	const executed = await drive.engine.run(workflow, drive.credential);
	turns.push(delay.max / 1e6);
	expect(errorOf(executed).message).toContain('EntityTooSmall');
	expect(Math.max(...turns)).toBeLessThan(LONGEST_TURN);
});

/** Notes the longest time in which nothing else was done while a node ran. */
function watch(type: string): { longestTurn: number } {
	const watched = { longestTurn: 0 };
	const { execute, ...node } = drive.engine.nodeType(type);
	drive.engine.addNode(type, {
		...node,
		async execute(this: IExecuteFunctions) {
			let last = performance.now();
			const note = () => {
				const now = performance.now();
				watched.longestTurn = Math.max(watched.longestTurn, now - last);
				last = now;
			};
			const timer = setInterval(note, 5);
			try {
				return await execute!.call(this);
			} finally {
				clearInterval(timer);
				note();
			}
		},
	});
	return watched;
}

test.each([
	['of one lock', { operation: 'renew', lockId: '={{ $json.lockId }}' }],
	['without a valid lock ID', { operation: 'renew', lockId: '={{ "a b" }}' }],
])("20,000 items %s don't block n8n", async (_, parameters) => {
	const watched = watch(NODE_TYPE);
	const [lock] = drive.locks(1);
	const items = Array.from({ length: 20_000 }, () => lock!);
	const { json } = await drive.run(items, parameters, continueOnFail);
	expect(json('Next')).toHaveLength(20_000);
	expect(watched.longestTurn).toBeLessThan(LONGEST_TURN);
});

test("Download of 4,000 files that a record doesn't have doesn't block n8n", async () => {
	const watched = watch(BACKUP_NODE_TYPE);
	const { recordId } = drive.simulator.records.create('100', 'server-1', undefined);
	const items = Array.from({ length: 4_000 }, (_, index): IDataObject => {
		drive.simulator.files.add(recordId, { fileName: `${index}`, content: Buffer.from('a') });
		return { fileId: `missing-${index}` };
	});
	const parameters = { operation: 'download', recordId, fileId: '={{ $json.fileId }}' };
	const { json } = await drive.runRecord(
		{ resource: 'file', ...parameters },
		items,
		continueOnFail,
	);
	expect(json('Next')[3_999]!.error).toContain('missing-3999');
	expect(watched.longestTurn).toBeLessThan(LONGEST_TURN);
	// The whole list, once.
	expect(drive.simulator.requests).toHaveLength(40);
});
