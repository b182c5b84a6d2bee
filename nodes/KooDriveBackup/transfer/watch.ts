import type { Clock } from '../../shared/http/clock';

/** What {@link Watch.wait} rejects with when nothing has happened for too long. */
export const STALLED = new Error('Stalled');

/** What {@link Watch.wait} rejects with when the transfer is to end. */
export const CANCELED = new Error('Canceled');

// Without a reason, each abort would create an error with a stack.
const OVER = new Error('Over');

/** The shortest wait that is allowed anywhere, in milliseconds: a longer sleep could miss its end. */
const LONGEST_SLEEP = 60_000;

/**
 * Ends waits that take too long: for the store, or for n8n's storage. One timer serves all waits of an attempt, because
 * there is one for each chunk.
 */
export class Watch {
	private readonly over = new AbortController();

	/** By the monotonic clock, in milliseconds. */
	private deadline = Infinity;

	private giveUp: (reason: Error) => void = () => {};

	private readonly onCancel = () => this.end(CANCELED);

	/** @param cancelSignal fires when the transfer is to end */
	constructor(
		private readonly clock: Clock,
		private readonly cancelSignal: AbortSignal | undefined,
	) {
		if (cancelSignal?.aborted === true) this.end(CANCELED);
		else cancelSignal?.addEventListener('abort', this.onCancel);
		void this.run();
	}

	/** Fires when the watch ends, for whatever reason. */
	get signal(): AbortSignal {
		return this.over.signal;
	}

	/**
	 * Waits for something, for so many milliseconds at most. Only one wait at a time.
	 *
	 * @throws STALLED, CANCELED, or what it rejects with
	 */
	async wait<Value>(awaited: Promise<Value>, milliseconds: number): Promise<Value> {
		this.expectWithin(milliseconds);
		try {
			return await new Promise<Value>((resolve, reject) => {
				this.giveUp = reject;
				awaited.then(resolve, reject);
				if (this.signal.aborted) reject(this.signal.reason as Error);
			});
		} finally {
			this.deadline = Infinity;
		}
	}

	/** Begins the time of the current wait anew, because something has happened. */
	expectWithin(milliseconds: number): void {
		this.deadline = this.clock.monotonic() + milliseconds;
	}

	end(reason = OVER): void {
		if (this.signal.aborted) return;
		this.cancelSignal?.removeEventListener('abort', this.onCancel);
		this.over.abort(reason);
		this.giveUp(reason);
	}

	private async run(): Promise<void> {
		for (;;) {
			const left = this.deadline - this.clock.monotonic();
			if (left <= 0) return this.end(STALLED);
			try {
				await this.clock.sleep(Math.min(left, LONGEST_SLEEP), this.signal);
			} catch {
				return;
			}
		}
	}
}
