import type { Failure } from '../../shared/errors/failure';
import { RequestFailedError } from '../../shared/errors/failure';
import type { Clock } from '../../shared/http/clock';

/** No attempt begins after so many milliseconds of an outage: by then, the lock of a backup is lost anyway. */
const LONGEST_OUTAGE = 540_000;

/** Milliseconds in which no bytes move before an attempt ends: less than an outage may last, so that another may begin. */
const LONGEST_WAIT = 520_000;

/** Milliseconds for the last attempt, after none may begin. */
const LAST_WAIT = 330_000;

/**
 * Milliseconds that what hasn't failed yet gets at least, however long the outage is, and how often in a row: perhaps the
 * store failed for a single file.
 */
const TRIAL = 10_000;
const MAX_TRIALS = 2;

/**
 * The outage that the transfers of one execution meet, if any. It begins when its first failed attempt began, and ends
 * with a success, of whatever file: a part that arrived, a file that is complete, a chunk of a download. A new link or a
 * created file is none. Time in which an attempt moves bytes doesn't count, because a line may be slow: that's why
 * instants are given in quiet time, the milliseconds so far in which no attempt moved any.
 */
export class Outage {
	/** Why the last attempt failed. */
	private failure: Failure | undefined;

	private since: number | undefined;

	private lastSuccessAt = 0;

	/** Since the last success. */
	private trials = 0;

	private quiet = 0;

	/** Until when quiet time has been added up, by the monotonic clock. */
	private countedUntil: number;

	/** Attempts that move bytes, or wait for them. */
	inFlight = 0;

	private readonly waiting = new Set<() => void>();

	constructor(private readonly clock: Pick<Clock, 'monotonic'>) {
		this.countedUntil = clock.monotonic();
	}

	/** Quiet time until now: an estimate, because bytes that are moving show only when they have moved. */
	now(): number {
		return this.quiet + this.clock.monotonic() - this.countedUntil;
	}

	/** @returns milliseconds in which another attempt may begin */
	getTimeLeft(): number {
		return LONGEST_OUTAGE - (this.since === undefined ? 0 : this.now() - this.since);
	}

	/** @returns milliseconds that an attempt may wait: another may follow, and that one ends soon after the outage is too long */
	getLongestWait(): number {
		return Math.min(LONGEST_WAIT, this.getTimeLeft() + LAST_WAIT);
	}

	/**
	 * Waits while it's open whether there may be another attempt, because others are in flight and may succeed.
	 *
	 * @param isRetry whether the same has failed before
	 * @param signal ends the wait
	 * @returns whether an attempt may begin
	 */
	async mayBegin(isRetry: boolean, signal: AbortSignal | undefined): Promise<boolean> {
		for (;;) {
			if (!isRetry && this.inFlight === 0) this.beginTrial();
			if (this.getTimeLeft() > 0) return true;
			if (this.inFlight === 0 || signal?.aborted === true) return false;
			await new Promise<void>((resolve) => {
				const wake = () => {
					signal?.removeEventListener('abort', wake);
					resolve();
				};
				signal?.addEventListener('abort', wake);
				this.waiting.add(wake);
			});
		}
	}

	begin(): void {
		this.inFlight++;
	}

	end(): void {
		this.inFlight--;
		this.wakeWaiting();
	}

	/** @param from when the bytes began to move, by the monotonic clock: they have moved until now */
	markMoved(from: number): void {
		this.quiet += Math.max(0, from - this.countedUntil);
		this.countedUntil = this.clock.monotonic();
	}

	markSuccess(): void {
		this.lastSuccessAt = this.now();
		this.trials = 0;
		if (this.since === undefined) return;
		this.since = undefined;
		this.wakeWaiting();
	}

	/** @param begunAt when the failed attempt began, in quiet time; what it says about the time before a success is over */
	markFailure(begunAt: number, failure: Failure): void {
		this.since ??= Math.max(begunAt, this.lastSuccessAt);
		this.failure = failure;
	}

	/** @returns why no attempt may begin */
	toError(): RequestFailedError {
		const { failure = { reason: 'storeUnavailable' } } = this;
		const attempts = { count: 0, outcomeUnknown: false, startedAt: 0 };
		return new RequestFailedError(failure, { ...attempts, gaveUp: 'longDeadline' });
	}

	private beginTrial(): void {
		if (this.trials === MAX_TRIALS || this.getTimeLeft() >= TRIAL) return;
		this.trials++;
		this.since = this.now() - LONGEST_OUTAGE + TRIAL;
	}

	private wakeWaiting(): void {
		for (const wake of this.waiting) wake();
		this.waiting.clear();
	}
}
