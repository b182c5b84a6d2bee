import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { INodeExecutionData } from 'n8n-workflow';

import { filesWorkflow, useBinaryMode } from '../engine/files';
import { standIns } from '../engine/standIns';
import { byId, errorOf, useKooDrive } from '../setup';
import { faults } from '../simulator';

/* n8n serves other workflows and its editor while a node works on many files. */

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
