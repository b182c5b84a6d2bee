import type { Failure } from '../failures/failure';
import { reasonOf } from '../failures/reasons';
import type { Clock } from '../retry/clock';
import type { CallOutcome } from '../retry/retry';

/** A renewal is begun anew until this many milliseconds after the last success was sent. */
const GIVEN_UP_AFTER = 540_000;

/** Milliseconds from a renewal that failed in a passing way, with all its retries, to the next; half of them at the least. */
const SOON = 5_000;

/** By which part of the interval a renewal may come early, so that many do not beat in step. */
const EARLY = 0.1;

/** What is kept alive, and how: the keeper itself knows no request. */
export interface Kept {
	/** Renews it once, with all retries, unless the signal fires; must not throw. */
	renew: (signal: AbortSignal) => Promise<CallOutcome>;
	/** Gives it back when the execution ends, if that is wanted; must not throw. */
	release?: (signal: AbortSignal) => Promise<unknown>;
	/** Milliseconds from the sending of one renewal to the next. */
	renewEvery: number;
	/** Milliseconds after which it is kept no longer, whatever the execution does. */
	stopAfter: number;
	/** Tells why a renewal failed, as the second half of a sentence. */
	inWords: (failure: Failure) => string;
	/** Takes note that it is lost. */
	onLost: (failure: Failure) => void;
}

/** One thing that is kept alive: held while its renewals succeed, and lost when they cannot any more. */
export class Keeping {
	/** Why it was lost, and when; `undefined` while it is held. */
	loss: Failure | undefined;

	private readonly stopped = new AbortController();

	private readonly abandoned = new AbortController();

	private readonly stopAt: number;

	private dueAt = 0;

	private renewal: Promise<void> = Promise.resolve();

	/**
	 * @param kept what is kept alive, and how
	 * @param clock time and chance
	 * @param sentAt when the last successful renewal was sent, by the monotonic clock, in milliseconds
	 */
	constructor(
		private readonly kept: Kept,
		private readonly clock: Clock,
		private sentAt: number,
	) {
		this.stopAt = clock.monotonic() + kept.stopAfter;
		this.renewed(sentAt);
	}

	/** Renews it again and again until it is stopped; one renewal at a time. */
	async run(): Promise<void> {
		const { clock, stopAt, stopped } = this;
		while (!stopped.signal.aborted && clock.monotonic() < stopAt) {
			const left = Math.min(this.dueAt, stopAt) - clock.monotonic();
			if (left <= 0) {
				this.renewal = this.renewOnce();
				await this.renewal;
				continue;
			}
			try {
				await clock.sleep(left, stopped.signal);
			} catch {
				return;
			}
		}
	}

	/**
	 * Takes note of a renewal that succeeded, whoever sent it.
	 *
	 * @param sentAt when it was sent, by the monotonic clock, in milliseconds
	 */
	renewed(sentAt: number): void {
		const { renewEvery } = this.kept;
		this.sentAt = Math.max(this.sentAt, sentAt);
		this.dueAt = this.sentAt + renewEvery * (1 - EARLY * this.clock.random());
	}

	/** Begins no further renewal, and waits for the one in flight. */
	async stop(): Promise<void> {
		this.stopped.abort();
		await this.renewal;
	}

	/** Stops, and gives it back if that is wanted and it is not lost. */
	async finish(): Promise<void> {
		const { release } = this.kept;
		if (release === undefined) return this.abandon();
		await this.stop();
		if (this.loss === undefined) await release(this.abandoned.signal);
	}

	/** Stops at once, without waiting for an answer. */
	abandon(): void {
		this.stopped.abort();
		this.abandoned.abort();
	}

	private async renewOnce(): Promise<void> {
		const outcome = await this.kept.renew(this.abandoned.signal);
		if (outcome.ok) this.renewed(outcome.sentAt);
		else if (!this.abandoned.signal.aborted) this.failed(outcome.failure);
	}

	private failed(failure: Failure): void {
		const { clock } = this;
		const { retry, notThere, notItsWord } = reasonOf(failure.reason);
		const mayPass = retry || notThere === true || notItsWord === true;
		if (mayPass && clock.monotonic() - this.sentAt < GIVEN_UP_AFTER) {
			this.dueAt = clock.monotonic() + (SOON / 2) * (1 + clock.random());
			return;
		}
		this.loss = { ...failure, lost: { at: clock.now(), because: this.kept.inWords(failure) } };
		this.dueAt = Infinity;
		this.kept.onLost(this.loss);
	}
}
