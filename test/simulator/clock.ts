/** The simulator's clock: the machine's, moved by as much as a test wants. */
export class SimulatedClock {
	private offset = 0;

	/** @returns milliseconds since the Unix epoch */
	now(): number {
		return Date.now() + this.offset;
	}

	/** Moves the clock; negative moves it back. */
	advance(milliseconds: number): void {
		this.offset += milliseconds;
	}

	/** Sets the clock to an instant: milliseconds since the Unix epoch. */
	set(instant: number): void {
		this.offset = instant - Date.now();
	}
}
