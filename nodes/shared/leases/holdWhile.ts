import type { Failure } from '../errors/failure';
import type { Clock } from '../http/clock';
import { finishRenewers } from './finishRenewers';
import type { LeaseOptions } from './leaseRenewer';
import { LeaseRenewer } from './leaseRenewer';
import { CLOCK_CHECK_PERIOD, SuspensionDetector } from './suspension';

/** A lease that is held while a task runs. */
export interface HeldLease {
	/** Fires when the lease is lost. */
	lostSignal: AbortSignal;
	/** @returns why and when the lease was lost; `undefined` while it can be used */
	getLoss: () => Failure | undefined;
}

/**
 * Renews a lease in the background while a task runs, and then ends it: it's released, if that is wanted and it
 * isn't lost, whatever came of the task. Needs no notice of the end of the execution, because the task ends first.
 *
 * @param renewedAt when it was created or last renewed, by the monotonic clock, in milliseconds
 * @returns what the task returns
 * @throws what the task throws
 */
export async function holdWhile<Result>(
	options: Omit<LeaseOptions, 'stopAfter'>,
	renewedAt: number,
	clock: Clock,
	task: (lease: HeldLease) => Promise<Result>,
): Promise<Result> {
	const lost = new AbortController();
	const over = new AbortController();
	const renewer = new LeaseRenewer({ ...options, stopAfter: Infinity }, clock, renewedAt);
	const getLoss = () => renewer.getLoss();
	// Nothing but a loss ends the renewals before the task ends.
	void renewer.run().then(() => lost.abort());
	void renewAfterSuspension(renewer, clock, over.signal);
	try {
		return await task({ lostSignal: lost.signal, getLoss });
	} finally {
		over.abort();
		await finishRenewers([renewer], clock);
	}
}

async function renewAfterSuspension(
	renewer: LeaseRenewer,
	clock: Clock,
	over: AbortSignal,
): Promise<void> {
	const detector = new SuspensionDetector(clock);
	for (;;) {
		try {
			await clock.sleep(CLOCK_CHECK_PERIOD, over);
		} catch {
			return;
		}
		if (detector.wasSuspended()) renewer.renewNow();
	}
}
