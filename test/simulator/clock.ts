interface Sleeper {
	/** When it wakes, by the monotonic clock. */
	due: number;
	wake: () => void;
	abort: () => void;
}

/** Both ends know a connection by this name: a client may use one port for connections to several services. */
export function nameConnection(clientPort: number | undefined, port: number | undefined): string {
	return `${clientPort} to ${port}`;
}

/** The simulator's clock: the machine's, moved and sped up by as much as a test wants. */
export class SimulatedClock {
	/** Is told each time that something begins to sleep. */
	onSleep: () => void = () => undefined;

	/** The {@link nameConnection} of requests that wait for nothing but this clock, or for the client itself. */
	readonly waiting = new Set<string>();

	/** Bytes that the simulated services have received and sent so far. */
	traffic = 0;

	private readonly began = Date.now();

	private offset = 0;

	private advanced = 0;

	private readonly sleepers = new Set<Sleeper>();

	/** @param rate how many times faster than the machine's clock it runs; with 0, a test moves it */
	constructor(readonly rate = 1) {}

	/** @returns milliseconds since the Unix epoch */
	now(): number {
		return this.began + (Date.now() - this.began) * this.rate + this.offset;
	}

	/** @returns milliseconds since some instant, which setting the clock does not change */
	monotonic(): number {
		return (Date.now() - this.began) * this.rate + this.advanced;
	}

	/** Lets time go by. What sleeps until then goes on with {@link wake}. */
	advance(milliseconds: number): void {
		this.offset += milliseconds;
		this.advanced += milliseconds;
	}

	/** Sets the clock to an instant, in no time: milliseconds since the Unix epoch. */
	set(instant: number): void {
		this.offset += instant - this.now();
	}

	/** Waits, for real where the clock runs by itself; rejects as soon as the signal fires. */
	async sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const end = (then: () => void) => () => {
				clearTimeout(timer);
				this.sleepers.delete(sleeper);
				abortSignal?.removeEventListener('abort', sleeper.abort);
				then();
			};
			const sleeper = {
				due: this.monotonic() + milliseconds,
				wake: end(resolve),
				abort: end(() => reject(new Error('the sleep was aborted'))),
			};
			const timer = this.rate > 0 ? setTimeout(sleeper.wake, milliseconds / this.rate) : undefined;
			this.sleepers.add(sleeper);
			abortSignal?.addEventListener('abort', sleeper.abort);
			this.onSleep();
		});
	}

	/** When the first sleep ends, by the monotonic clock; Infinity if nothing sleeps. */
	get firstDue(): number {
		return Math.min(...[...this.sleepers].map(({ due }) => due));
	}

	/** Ends the sleeps that are due by a time of the monotonic clock. */
	wake(time = this.monotonic()): void {
		for (const sleeper of this.sleepers) if (sleeper.due <= time) sleeper.wake();
	}

	/** Aborts all sleeps. */
	abortSleeps(): void {
		for (const { abort } of this.sleepers) abort();
	}
}
