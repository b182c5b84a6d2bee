import type { Failure } from '../../shared/errors/failure';
import { getReason } from '../../shared/errors/reasons';
import { RequestFailedError } from '../../shared/errors/failure';
import { parseRetryAfter } from '../../shared/http/httpDate';
import { getBackoff } from '../../shared/http/retry';
import type { Outage } from './outage';
import type { Transfer } from './transfer';
import type { Clock } from '../../shared/http/clock';

/** An expired link is replaced this many times in a row. */
const MAX_NEW_LINKS = 2;

/** After this many failed attempts in a row of a minute or more, the file fails, even if others get through. */
const MAX_LONG_ATTEMPTS = 10;
const LONG_ATTEMPT = 60_000;

/** The attempts to move one part, or a file from one offset on; other requests are retried by KooDriveClient. */
export class Attempts {
	/** Whether the store has rejected the last link as expired. */
	needsNewLink = false;

	/** These count failures in a row. */
	private failed = 0;
	private newLinks = 0;
	private longAttempts = 0;

	constructor(private readonly transfer: Transfer) {}

	/**
	 * Begins the next attempt, as soon as it may begin.
	 *
	 * @throws RequestFailedError when it may not
	 */
	async begin(): Promise<Attempt> {
		await this.transfer.requireNoOutage(this.failed > 0);
		return new Attempt(this.transfer, () => this.markProgress());
	}

	/**
	 * Ends an attempt that failed, and waits until it's time for another.
	 *
	 * @throws RequestFailedError when there is to be none
	 */
	async endFailed(attempt: Attempt, { failure }: RequestFailedError): Promise<void> {
		const { clock, shared } = this.transfer;
		attempt.end();
		this.transfer.requireActive();
		this.failed++;
		this.needsNewLink = failure.reason === 'linkExpired' && ++this.newLinks <= MAX_NEW_LINKS;
		if (this.needsNewLink) return;
		if (!getReason(failure.reason).retryable) throw this.toError(failure);
		this.newLinks = 0;
		shared.outage.markFailure(attempt.begunAt, failure);
		if (attempt.movedFor >= LONG_ATTEMPT) this.longAttempts++;
		const requested = parseRetryAfter(failure.retryAfter, failure.serverTime ?? clock.now()) ?? 0;
		const isLast = requested > shared.outage.getTimeLeft();
		if (isLast || this.longAttempts >= MAX_LONG_ATTEMPTS) throw this.toError(failure);
		await this.transfer.sleep(Math.max(requested, getBackoff(this.failed, clock)));
	}

	private markProgress(): void {
		this.failed = this.newLinks = this.longAttempts = 0;
	}

	private toError(failure: Failure): RequestFailedError {
		return new RequestFailedError(failure, {
			count: this.failed,
			outcomeUnknown: false,
			startedAt: 0,
		});
	}
}

/** One attempt to send or receive bytes. */
export class Attempt {
	/** In the outage's quiet time. */
	readonly begunAt: number;

	readonly watch: Watch;

	/** Milliseconds in which bytes have moved. */
	movedFor = 0;

	readonly outage: Outage;

	private lastMoveAt: number | undefined;

	private isOver = false;

	constructor(
		private readonly transfer: Transfer,
		private readonly onSuccess: () => void,
	) {
		this.outage = transfer.shared.outage;
		this.begunAt = this.outage.now();
		this.outage.begin();
		this.watch = new Watch(transfer.clock, transfer.signal);
	}

	/** Notes that bytes have moved since it was noted before. */
	markMoved(): void {
		const now = this.transfer.clock.monotonic();
		const before = this.lastMoveAt ?? now;
		this.outage.markMoved(before);
		this.movedFor += now - before;
		this.lastMoveAt = now;
	}

	/** Notes that something is done for good: a part, or a chunk that is kept. */
	markSuccess(): void {
		this.outage.markSuccess();
		this.onSuccess();
	}

	/** Closes the connection, if it's still open. */
	end(): void {
		this.watch.end();
		if (this.isOver) return;
		this.isOver = true;
		this.outage.end();
	}
}

/** What {@link Watch.wait} rejects with when nothing has happened for too long. */
export const STALLED = new Error('Stalled');

/** What {@link Watch.wait} rejects with when the transfer is to end. */
export const CANCELED = new Error('Canceled');

// Without a reason, each abort would create an error with a stack.
const OVER = new Error('Over');

/** No wait may be shorter than this many milliseconds: one that begins during a sleep is looked at only after it. */
const LONGEST_SLEEP = 60_000;

/**
 * Ends waits that take too long: for the store, or for n8n's storage. One timer serves all waits of an attempt, because
 * there is one for each chunk.
 */
export class Watch {
	private readonly over = new AbortController();

	/** By the monotonic clock, in milliseconds. */
	private deadline = Infinity;

	private giveUp: (reason: Error) => void = () => {};

	private readonly onCancel = () => this.end(CANCELED);

	/** @param cancelSignal fires when the transfer is to end */
	constructor(
		private readonly clock: Clock,
		private readonly cancelSignal: AbortSignal | undefined,
	) {
		if (cancelSignal?.aborted === true) this.end(CANCELED);
		else cancelSignal?.addEventListener('abort', this.onCancel);
		void this.run();
	}

	/** Fires when the watch ends, for whatever reason. */
	get signal(): AbortSignal {
		return this.over.signal;
	}

	/**
	 * Waits for something, for so many milliseconds at most. Only one wait at a time.
	 *
	 * @param discard gets what comes too late
	 * @throws STALLED, CANCELED, or what it rejects with
	 */
	async wait<Value>(
		awaited: Promise<Value>,
		milliseconds: number,
		discard?: (value: Value) => void,
	): Promise<Value> {
		this.expectWithin(milliseconds);
		let isOver = false;
		try {
			return await new Promise<Value>((resolve, reject) => {
				this.giveUp = reject;
				awaited.then((value) => (isOver ? discard?.(value) : resolve(value))).catch(reject);
				if (this.signal.aborted) reject(this.signal.reason as Error);
			});
		} finally {
			isOver = true;
			this.deadline = Infinity;
		}
	}

	/** Begins the time of the current wait anew, because something has happened. */
	expectWithin(milliseconds: number): void {
		this.deadline = this.clock.monotonic() + milliseconds;
	}

	end(reason = OVER): void {
		if (this.signal.aborted) return;
		this.cancelSignal?.removeEventListener('abort', this.onCancel);
		this.over.abort(reason);
		this.giveUp(reason);
	}

	private async run(): Promise<void> {
		for (;;) {
			const left = this.deadline - this.clock.monotonic();
			if (left <= 0) return this.end(STALLED);
			try {
				await this.clock.sleep(Math.min(left, LONGEST_SLEEP), this.signal);
			} catch {
				return;
			}
		}
	}
}
