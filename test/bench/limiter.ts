import pLimit from 'p-limit';

import { Limiter } from '#dist/nodes/shared/http/limiter';
import { onTask } from './processes';
import { spread } from './row';

/* What it costs to wait for a place under Max Concurrency, in a separate process. */

/** What it's told. */
interface LimiterTask {
	/** How many tasks wait at the same time. */
	tasks: number;
}

/** What it measured, in microseconds per task. */
export interface LimiterMeasured {
	/** Tasks without a deadline, which start in order. */
	inOrder: number;
	/** Tasks of which the most urgent starts first. */
	byUrgency: number;
	/** A well-known limiter without urgency. */
	pLimit: number;
}

const PLACES = 50;
const ROUNDS = 7;

type RunAll = () => Promise<unknown>;

async function nothing(): Promise<void> {
	await Promise.resolve();
}

function throughLimiter(urgencies: number[]): RunAll {
	return async () => {
		const limiter = new Limiter(PLACES);
		await Promise.all(
			urgencies.map(async (neededBy) => await limiter.run(neededBy, undefined, nothing)),
		);
	};
}

/** Round after round, one after the other. The first one compiles the code. */
async function measure(runs: RunAll[], tasks: number): Promise<number[]> {
	const times = runs.map((): number[] => []);
	for (let round = 0; round <= ROUNDS; round++) {
		for (const [index, runAll] of runs.entries()) {
			const began = performance.now();
			await runAll();
			if (round > 0) times[index]!.push(((performance.now() - began) * 1000) / tasks);
		}
	}
	return times.map((ofRun) => spread(ofRun).median);
}

onTask(async ({ tasks }: LimiterTask): Promise<LimiterMeasured> => {
	const endless = Array<number>(tasks).fill(Infinity);
	const urgencies = endless.map(() => Math.random() * 540_000);
	const plain: RunAll = async () => {
		const limit = pLimit(PLACES);
		await Promise.all(endless.map(async () => await limit(nothing)));
	};
	const runs = [throughLimiter(endless), throughLimiter(urgencies), plain];
	const [inOrder, byUrgency, byPLimit] = await measure(runs, tasks);
	return { inOrder: inOrder!, byUrgency: byUrgency!, pLimit: byPLimit! };
});
