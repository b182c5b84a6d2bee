import { getReason } from '../errors/reasons';
import type { Clock } from './clock';
import type { AttemptResult } from './request';

/** The circuit breaker opens after this many milliseconds in which nothing was reached. */
const OPENS_AFTER = 60_000;

/**
 * The circuit breaker of one execution: it opens when every attempt for a minute has only shown that KooDrive
 * can't be reached. Any other outcome closes it, a success above all.
 */
export class CircuitBreaker {
	private unreachableSince: number | undefined;

	/** When an attempt last ended in another way. */
	private lastContactAt = -Infinity;

	constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {}

	/** @param startedAt when the attempt began, by the monotonic clock, in milliseconds */
	record(result: AttemptResult, startedAt: number): void {
		if (!result.ok && getReason(result.failure.reason).unreachable === true) {
			// An attempt that hung began before the last success, and says nothing about the time until then.
			this.unreachableSince ??= Math.max(startedAt, this.lastContactAt);
			return;
		}
		this.unreachableSince = undefined;
		this.lastContactAt = this.clock.monotonic();
	}

	/** @returns milliseconds until it opens; 0 or less when it's open, Infinity when nothing is wrong */
	getTimeUntilOpen(): number {
		if (this.unreachableSince === undefined) return Infinity;
		return this.unreachableSince + OPENS_AFTER - this.clock.monotonic();
	}

	/** @returns since when nothing was reached, if it's open: milliseconds since the Unix epoch */
	getOpenSince(): number | undefined {
		const left = this.getTimeUntilOpen();
		return left > 0 ? undefined : this.clock.now() + left - OPENS_AFTER;
	}
}
