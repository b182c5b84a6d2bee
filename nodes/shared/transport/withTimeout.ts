import { sleep } from 'n8n-workflow';

/** What came of something that was given a time to finish in. */
export type Timed<Value> =
	| { how: 'finished'; value: Value }
	| { how: 'threw'; error: unknown }
	| { how: 'timedOut' }
	| { how: 'stopped' };

// Without a reason of its own, each abort would make an error with a stack, which takes longer than the rest.
const OVER = new Error('It is over');

/**
 * Runs something that can be aborted, and aborts it when its time is over or the execution is canceled.
 * n8n's own timeout is no substitute: it starts anew with each byte that arrives.
 *
 * @param milliseconds how long it may take
 * @param cancelSignal fires when the user stops the execution
 * @param run what to run; it gets the signal that aborts it, and is left behind if it does not heed that
 * @returns its value, or why there is none
 */
export async function withTimeout<Value>(
	milliseconds: number,
	cancelSignal: AbortSignal | undefined,
	run: (signal: AbortSignal) => Promise<Value>,
): Promise<Timed<Value>> {
	if (cancelSignal?.aborted === true) return { how: 'stopped' };
	// One for both, because thousands are made: whichever ends first, the run or the wait, ends the other.
	const over = new AbortController();
	return await new Promise((resolve) => {
		const end = (timed: Timed<Value>) => {
			cancelSignal?.removeEventListener('abort', stop);
			resolve(timed);
			over.abort(OVER);
		};
		const stop = () => end({ how: 'stopped' });
		cancelSignal?.addEventListener('abort', stop);
		sleep(milliseconds, over.signal).then(
			() => end({ how: 'timedOut' }),
			() => undefined,
		);
		run(over.signal).then(
			(value) => end({ how: 'finished', value }),
			(error: unknown) => end({ how: 'threw', error }),
		);
	});
}
