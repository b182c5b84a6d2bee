import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { spread } from '../row';
import { MIB } from '../units';

/** What one Back Up or Restore took. */
export interface Figures {
	seconds: number;
	cpuSeconds: number;
	/** Mebibytes of the process: after the warm-up, and at its peak meanwhile. */
	idleMemory: number;
	peakMemory: number;
	/** Files that weren't transferred. */
	failures: number;
}

/** @returns the median of each figure, and all failures; `undefined` where nothing was measured */
export function medianOf(runs: Array<Figures | undefined>): Figures | undefined {
	const measured = runs.filter((run) => run !== undefined);
	if (measured.length === 0) return undefined;
	const middle = (name: keyof Figures) => spread(measured.map((run) => run[name])).median;
	return {
		seconds: middle('seconds'),
		cpuSeconds: middle('cpuSeconds'),
		idleMemory: middle('idleMemory'),
		peakMemory: middle('peakMemory'),
		failures: measured.reduce((sum, { failures }) => sum + failures, 0),
	};
}

const SAMPLE_EVERY = 50;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let idleMemory = 0;

/** Notes what the process takes before anything is measured. */
export function noteIdleMemory(): void {
	collectGarbage();
	idleMemory = process.memoryUsage.rss();
}

/** Measures a stretch of time in this process. */
export class Stopwatch {
	private peakMemory = 0;

	private readonly cpu = process.cpuUsage();

	private readonly began: number;

	private readonly timer: NodeJS.Timeout;

	constructor() {
		collectGarbage();
		this.timer = setInterval(() => this.sample(), SAMPLE_EVERY);
		this.began = performance.now();
	}

	/** Ends it. */
	stop(failures: number): Figures {
		const seconds = (performance.now() - this.began) / 1000;
		const { user, system } = process.cpuUsage(this.cpu);
		this.sample();
		clearInterval(this.timer);
		return {
			seconds,
			cpuSeconds: (user + system) / 1e6,
			idleMemory: idleMemory / MIB,
			peakMemory: this.peakMemory / MIB,
			failures,
		};
	}

	private sample(): void {
		this.peakMemory = Math.max(this.peakMemory, process.memoryUsage.rss());
	}
}
