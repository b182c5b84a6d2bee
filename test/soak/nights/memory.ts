import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1024 * 1024;

/** How much the memory in use may grow from the second to the last quarter of a soak, in MiB. */
const MOST_GROWTH = 4;

/** With fewer samples, nothing is said about the growth. */
const FEWEST_SAMPLES = 8;

/** Measures the memory in use after garbage collections. */
export class MemoryTrend {
	/** The heap and the buffers outside of it, in MiB. */
	private readonly samples: number[] = [];

	private readonly collectGarbage: () => void;

	constructor() {
		setFlagsFromString('--expose-gc');
		this.collectGarbage = runInNewContext('gc') as () => void;
	}

	measure(): void {
		this.collectGarbage();
		const { heapUsed, arrayBuffers } = process.memoryUsage();
		this.samples.push((heapUsed + arrayBuffers) / MIB);
	}

	get isFlat(): boolean {
		return this.samples.length < FEWEST_SAMPLES || this.growth <= MOST_GROWTH;
	}

	toString(): string {
		const quarters = [1, 2, 3, 4].map((number) => this.quarter(number).toFixed(1));
		return `Memory in use, by quarters: ${quarters.join(', ')} MiB (growth: ${this.growth.toFixed(1)} MiB)`;
	}

	/** From the second quarter, when everything is loaded, to the last one: MiB. */
	private get growth(): number {
		return this.quarter(4) - this.quarter(2);
	}

	/** The least of a quarter: buffers that aren't collected yet make single samples larger, but a leak makes all so. */
	private quarter(number: number): number {
		const { length } = this.samples;
		const from = Math.floor(((number - 1) * length) / 4);
		return Math.min(...this.samples.slice(from, Math.floor((number * length) / 4)));
	}
}
