import { systemClock } from './clock';

/** What {@link withTimeout} rejects with when the time is over. */
export const TIMED_OUT = new Error('The time is over');

/** What {@link withTimeout} rejects with when the signal has fired. */
export const CANCELED = new Error('Canceled');

// Without a reason, each abort would create an error with a stack, which takes longer than everything else.
const DONE = new Error('It is over');

/** The longest delay of Node's timers, in milliseconds. Source: Node.js documentation, "Timers". */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * What is left of a time limit, in milliseconds. What makes progress may prolong it; that it's shortened is noticed when
 * the time that was left before is over.
 */
export interface TimeLimit {
	getTimeLeft: () => number;
	setTimeLeft: (milliseconds: number) => void;
}

/**
 * Runs something that can be aborted, and aborts it when its time is over or the execution is canceled.
 * n8n's own timeout is no substitute: it starts anew with each byte that arrives.
 *
 * @param milliseconds how long it may take
 * @param cancelSignal fires when the user stops the execution
 * @param run gets the signal that aborts it, and is left behind if it ignores that; and its time limit
 * @throws TIMED_OUT, CANCELED, or what `run` throws
 */
export async function withTimeout<Value>(
	milliseconds: number,
	cancelSignal: AbortSignal | undefined,
	run: (signal: AbortSignal, limit: TimeLimit) => Promise<Value>,
): Promise<Value> {
	if (cancelSignal?.aborted === true) throw CANCELED;
	// One controller for both, because thousands are made: whichever ends first, the run or the wait, ends the other.
	const over = new AbortController();
	const onCancel = () => over.abort(CANCELED);
	let deadline = systemClock.monotonic() + milliseconds;
	const getTimeLeft = () => deadline - systemClock.monotonic();
	const setTimeLeft = (left: number) => void (deadline = systemClock.monotonic() + left);
	const waitForDeadline = async () => {
		// Node's timers fire up to a millisecond early.
		for (let left = milliseconds; left >= 1; left = getTimeLeft()) {
			await systemClock.sleep(Math.min(left, LONGEST_DELAY), over.signal);
		}
		over.abort(TIMED_OUT);
	};
	cancelSignal?.addEventListener('abort', onCancel);
	try {
		return await new Promise<Value>((resolve, reject) => {
			over.signal.addEventListener('abort', () => reject(over.signal.reason as Error));
			waitForDeadline().catch(() => undefined);
			run(over.signal, { getTimeLeft, setTimeLeft }).then(resolve, reject);
		});
	} finally {
		cancelSignal?.removeEventListener('abort', onCancel);
		over.abort(DONE);
	}
}
