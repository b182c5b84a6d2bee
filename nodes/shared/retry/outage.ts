import { reasonOf } from '../failures/reasons';
import type { CallResult } from '../transport/result';
import type { Clock } from './clock';

/** An outage that has lasted this many milliseconds is believed. */
const BELIEVED_AFTER = 60_000;

/**
 * The one fact that the calls of a run share about KooDrive's health: since when has every try only shown that
 * it is not there? Anything else that a try shows, a success above all, ends the outage.
 */
export class Outage {
	private beganAt: number | undefined;

	/** When a try last showed anything else. */
	private lastSignAt = -Infinity;

	constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {}

	/**
	 * Takes note of what a try showed.
	 *
	 * @param result what came of it
	 * @param triedAt when it was begun, by the monotonic clock, in milliseconds
	 */
	note(result: CallResult, triedAt: number): void {
		const isNotThere = !result.ok && reasonOf(result.failure.reason).notThere === true;
		if (isNotThere) {
			// A try that hung for long was begun before the last success, and says nothing of the time until then.
			this.beganAt ??= Math.max(triedAt, this.lastSignAt);
			return;
		}
		this.beganAt = undefined;
		this.lastSignAt = this.clock.monotonic();
	}

	/** @returns how many milliseconds are left until the outage is believed; 0 or less when it is */
	remaining(): number {
		if (this.beganAt === undefined) return Infinity;
		return this.beganAt + BELIEVED_AFTER - this.clock.monotonic();
	}

	/** @returns since when nothing was reached, if that is believed: milliseconds since the Unix epoch */
	since(): number | undefined {
		const remaining = this.remaining();
		return remaining > 0 ? undefined : this.clock.now() + remaining - BELIEVED_AFTER;
	}
}
