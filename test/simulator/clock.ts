/** The simulator's clock: the machine's, moved and sped up by as much as a test wants. */
export class SimulatedClock {
	private readonly began = Date.now();

	private offset = 0;

	private advanced = 0;

	/** @param rate how many times faster than the machine's clock it runs */
	constructor(readonly rate = 1) {}

	/** @returns milliseconds since the Unix epoch */
	now(): number {
		return this.began + (Date.now() - this.began) * this.rate + this.offset;
	}

	/** @returns milliseconds since some instant, which setting the clock does not change */
	monotonic(): number {
		return (Date.now() - this.began) * this.rate + this.advanced;
	}

	/** Lets time go by. */
	advance(milliseconds: number): void {
		this.offset += milliseconds;
		this.advanced += milliseconds;
	}

	/** Sets the clock to an instant, in no time: milliseconds since the Unix epoch. */
	set(instant: number): void {
		this.offset += instant - this.now();
	}
}
