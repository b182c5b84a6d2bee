import type { Clock } from '../http/clock';

/** Milliseconds between two looks at the machine's clocks. */
export const CLOCK_CHECK_PERIOD = 10_000;

/** The clocks of a machine that was suspended differ by more than this many milliseconds from before. */
const SUSPENDED = 5_000;

/** Notices that the machine was suspended: the monotonic clock stood still then, and so did every renewal. */
export class SuspensionDetector {
	private drift: number;

	constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {
		this.drift = this.getDrift();
	}

	/** @returns whether the machine was suspended since the last look */
	wasSuspended(): boolean {
		const before = this.drift;
		this.drift = this.getDrift();
		return this.drift - before > SUSPENDED;
	}

	private getDrift(): number {
		return this.clock.now() - this.clock.monotonic();
	}
}
