import type { Clock } from '../http/clock';
import type { LeaseRenewer } from './leaseRenewer';

/** Leases that can't be released within this many milliseconds are left to expire. */
const RELEASE_TIMEOUT = 15_000;

/** Ends leases, and releases those that are to be released, as far as that is possible in {@link RELEASE_TIMEOUT}. */
export async function finishRenewers(
	renewers: readonly LeaseRenewer[],
	clock: Clock,
): Promise<void> {
	const finished = new AbortController();
	const timeout = clock.sleep(RELEASE_TIMEOUT, finished.signal).catch(() => undefined);
	await Promise.race([
		Promise.all(renewers.map(async (renewer) => await renewer.finish())),
		timeout,
	]);
	finished.abort();
	for (const renewer of renewers) renewer.abandon();
}
