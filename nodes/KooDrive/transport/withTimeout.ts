import { sleep } from 'n8n-workflow';

/** What came of something that was given a time to finish in. */
export type Timed<Value> =
	| { how: 'finished'; value: Value }
	| { how: 'threw'; error: unknown }
	| { how: 'timedOut' }
	| { how: 'stopped' };

/**
 * Runs something that can be aborted, and aborts it when its time is over or the execution is canceled.
 * n8n's own timeout is no substitute: it starts anew with each byte that arrives.
 *
 * @param milliseconds how long it may take
 * @param cancelSignal fires when the user stops the execution
 * @param run what to run; it gets the signal that aborts it
 * @returns its value, or why there is none
 */
export async function withTimeout<Value>(
	milliseconds: number,
	cancelSignal: AbortSignal | undefined,
	run: (signal: AbortSignal) => Promise<Value>,
): Promise<Timed<Value>> {
	const isStopped = () => cancelSignal?.aborted === true;
	if (isStopped()) return { how: 'stopped' };
	const abort = new AbortController();
	const finished = new AbortController();
	const stop = () => abort.abort();
	cancelSignal?.addEventListener('abort', stop, { once: true });
	const timer = sleep(milliseconds, finished.signal).then(stop, () => undefined);
	try {
		// The race ends even what does not heed the signal.
		return {
			how: 'finished',
			value: await Promise.race([run(abort.signal), aborted(abort.signal)]),
		};
	} catch (error) {
		if (isStopped()) return { how: 'stopped' };
		return abort.signal.aborted ? { how: 'timedOut' } : { how: 'threw', error };
	} finally {
		cancelSignal?.removeEventListener('abort', stop);
		finished.abort();
		await timer;
	}
}

async function aborted(signal: AbortSignal): Promise<never> {
	return await new Promise((_resolve, reject) => {
		signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
	});
}
