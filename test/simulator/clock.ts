/** The simulator's clock: the machine's, moved and sped up by as much as a test wants. */
export class SimulatedClock {
	private readonly began = Date.now();

	private offset = 0;

	/** @param rate how many times faster than the machine's clock it runs */
	constructor(readonly rate = 1) {}

	/** @returns milliseconds since the Unix epoch */
	now(): number {
		return this.began + (Date.now() - this.began) * this.rate + this.offset;
	}

	/** Moves the clock; negative moves it back. */
	advance(milliseconds: number): void {
		this.offset += milliseconds;
	}

	/** Sets the clock to an instant: milliseconds since the Unix epoch. */
	set(instant: number): void {
		this.offset += instant - this.now();
	}
}
