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

/** In milliseconds, where the case wants it. */
const COLLECT_EVERY = 2_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let idleMemory = 0;

let collects = false;

/**
 * Notes what the process takes before anything is measured.
 *
 * @param collectsMeanwhile whether garbage is collected again and again from now on, so that memory is what is in use
 */
export function noteIdleMemory(collectsMeanwhile = false): void {
	collectGarbage();
	idleMemory = process.memoryUsage.rss();
	collects = collectsMeanwhile;
}

/** Measures a stretch of time in this process. */
export class Stopwatch {
	private peakMemory = 0;

	private readonly cpu = process.cpuUsage();

	private readonly began: number;

	private readonly timers: NodeJS.Timeout[];

	constructor() {
		collectGarbage();
		this.timers = [setInterval(() => this.sample(), SAMPLE_EVERY)];
		if (collects) this.timers.push(setInterval(collectGarbage, COLLECT_EVERY));
		this.began = performance.now();
	}

	/** Ends it. */
	stop(failures: number): Figures {
		const seconds = (performance.now() - this.began) / 1000;
		const { user, system } = process.cpuUsage(this.cpu);
		this.sample();
		this.timers.forEach(clearInterval);
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
