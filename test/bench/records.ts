import { Engine, BACKUP_NODE_TYPE, workflowOf } from '../engine';
import { onTask } from './processes';
import type { Prepared } from './server';
import { MIB } from './units';

/* Lists all backup records in one execution, in a separate process. */

/** What it measured. */
export interface RecordsMeasured {
	records: number;
	seconds: number;
	/** Mebibytes of the process at its peak, and before the execution. */
	peakMemory: number;
	memoryBefore: number;
}

onTask(async ({ endpoint, account }: Prepared): Promise<RecordsMeasured> => {
	const { accessToken, userId } = account;
	const engine = await Engine.load();
	const list = workflowOf([{}], {
		resource: 'record',
		operation: 'getAll',
		moduleCode: '100',
		returnAll: true,
	});
	for (const node of list.nodes) {
		if (node.name === 'KooDrive') node.type = BACKUP_NODE_TYPE;
	}
	const memoryBefore = process.memoryUsage().rss / MIB;
	const began = performance.now();
	const executed = await engine.run(list, { endpoint, accessToken, userId });
	return {
		records: executed.json('Next').length,
		seconds: (performance.now() - began) / 1000,
		peakMemory: process.resourceUsage().maxRSS / 1024,
		memoryBefore,
	};
});
