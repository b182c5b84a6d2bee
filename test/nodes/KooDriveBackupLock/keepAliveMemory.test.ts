import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SECOND, useKeptLock } from './keptLock';

const kept = useKeptLock();

test('a thousand executions with a kept lock each leave no memory behind', async () => {
	const once = async () => await kept.run(async () => await kept.clock.pass(SECOND));
	const heapAfter = async (executions: number) => {
		for (let count = 0; count < executions; count++) await once();
		kept.drive.simulator.requests.length = kept.sent.length = 0;
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	// What the engine and the compiler keep once for all grows to its size in the first thousand.
	const before = await heapAfter(1_000);
	const grown = ((await heapAfter(1_000)) - before) / 1_000;
	// One keeping that stays behind holds its whole execution, some ten kilobytes.
	expect(grown).toBeLessThan(3_000);
});

function collectGarbage(): void {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}
