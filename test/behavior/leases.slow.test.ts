import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SECOND, useLease } from '../setup';
import { testSickLocks } from './outageCases';

const lease = useLease();
const { drive } = lease;

testSickLocks(lease, 80, 5);

test('frees the memory of a thousand executions with one lease each', async () => {
	const once = async () => await lease.run(async () => await drive.clock.advance(SECOND));
	const heapAfter = async (executions: number) => {
		for (let count = 0; count < executions; count++) await once();
		drive.simulator.requests.length = lease.sent.length = 0;
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	// The engine and the compiler fill their caches during the first thousand.
	const before = await heapAfter(1_000);
	const grown = ((await heapAfter(1_000)) - before) / 1_000;
	// A lease that is left behind holds its whole execution, some ten kilobytes.
	expect(grown).toBeLessThan(3_000);
});

function collectGarbage(): void {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}
