import * as n8nWorkflow from 'n8n-workflow';

/** Time and randomness, injected so that tests control them. */
export interface Clock {
	/** @returns milliseconds since the Unix epoch; they jump when the machine's clock is set */
	now(): number;
	/** @returns milliseconds since some instant; they never jump, so durations and deadlines use them */
	monotonic(): number;
	/** Waits; rejects as soon as the signal fires. */
	sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void>;
	/** @returns a number from 0 up to, not including, 1 */
	random(): number;
}

type Sleep = (milliseconds: number, abortSignal?: AbortSignal) => Promise<void>;

// Before n8n 2.34, `sleep` took no signal, and `sleepWithAbort` was a separate function.
const { sleep, sleepWithAbort = sleep } = n8nWorkflow as { sleep: Sleep; sleepWithAbort?: Sleep };

/** The clock of the machine that n8n runs on. */
export const systemClock: Clock = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	sleep: sleepWithAbort,
	random: () => Math.random(),
};

/** A loop over thousands of items lets n8n do something else after so many milliseconds. */
const LONGEST_TURN = 20;

/** @returns a function that a long loop awaits in each round; several loops may share it */
export function createPause(clock: Pick<Clock, 'monotonic' | 'sleep'>): () => Promise<void> {
	let turnEnd = clock.monotonic() + LONGEST_TURN;
	let pause: Promise<void> | undefined;
	return async () => {
		if (pause === undefined && clock.monotonic() < turnEnd) return;
		pause ??= clock.sleep(0).finally(() => {
			turnEnd = clock.monotonic() + LONGEST_TURN;
			pause = undefined;
		});
		await pause;
	};
}

/**
 * Lets a task finish that has begun when a signal fires.
 *
 * @param milliseconds that it gets after the signal
 * @param task gets the signal that ends it
 */
export async function letFinish<Value>(
	signal: AbortSignal | undefined,
	milliseconds: number,
	clock: Pick<Clock, 'sleep'>,
	task: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
	const late = new AbortController();
	const over = new AbortController();
	const wait = async () => await clock.sleep(milliseconds, over.signal);
	const onAbort = () =>
		void wait()
			.then(() => late.abort())
			.catch(() => undefined);
	if (signal?.aborted === true) onAbort();
	else signal?.addEventListener('abort', onAbort);
	try {
		return await task(late.signal);
	} finally {
		signal?.removeEventListener('abort', onAbort);
		over.abort();
	}
}

/** {@link withTimeout} rejects with one of these. */
export const TIMED_OUT = new Error('The time is over');
export const CANCELED = new Error('Canceled');

// Without a reason, each abort would create an error with a stack, which takes longer than everything else.
const DONE = new Error('It is over');

/** The longest delay of Node's timers, in milliseconds. Source: Node.js documentation, "Timers". */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * Runs something that can be aborted, and aborts it when its time is over or the execution is canceled.
 * n8n's own timeout is no substitute: it starts anew with each byte that arrives.
 *
 * @param milliseconds how long it may take
 * @param cancelSignal fires when the user stops the execution
 * @param run gets the signal that aborts it, and is left behind if it ignores that
 * @throws TIMED_OUT, CANCELED, or what `run` throws
 */
export async function withTimeout<Value>(
	milliseconds: number,
	cancelSignal: AbortSignal | undefined,
	run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
	if (cancelSignal?.aborted === true) throw CANCELED;
	// One controller for both, because thousands are made: whichever ends first, the run or the wait, ends the other.
	const over = new AbortController();
	const onCancel = () => over.abort(CANCELED);
	const deadline = systemClock.monotonic() + milliseconds;
	const waitForDeadline = async () => {
		// Node's timers fire up to a millisecond early.
		for (let left = milliseconds; left >= 1; left = deadline - systemClock.monotonic()) {
			await systemClock.sleep(Math.min(left, LONGEST_DELAY), over.signal);
		}
		over.abort(TIMED_OUT);
	};
	cancelSignal?.addEventListener('abort', onCancel);
	try {
		return await new Promise<Value>((resolve, reject) => {
			over.signal.addEventListener('abort', () => reject(over.signal.reason as Error));
			waitForDeadline().catch(() => undefined);
			run(over.signal).then(resolve, reject);
		});
	} finally {
		cancelSignal?.removeEventListener('abort', onCancel);
		over.abort(DONE);
	}
}
