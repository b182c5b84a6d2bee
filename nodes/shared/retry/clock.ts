import { sleep } from 'n8n-workflow';

/** Time and chance, handed in from outside so that tests can hold them in their hands. */
export interface Clock {
	/** @returns milliseconds since the Unix epoch; they jump when somebody sets the machine's clock */
	now(): number;
	/** @returns milliseconds since some instant; they never jump, so durations and deadlines are made of them */
	monotonic(): number;
	/** Waits; rejects as soon as the signal fires. */
	sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void>;
	/** @returns a number from 0 up to, not including, 1 */
	random(): number;
}

/** The clock of the machine that n8n runs on. */
export const systemClock: Clock = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	sleep: async (milliseconds, abortSignal) => await sleep(milliseconds, abortSignal),
	random: () => Math.random(),
};
