import type { FailureReport } from '../errors/describeFailure';
import type { Failure } from '../errors/failure';
import { formatUtc } from '../errors/formatUtc';
import { getReason } from '../errors/reasons';
import type { Clock } from '../http/clock';
import { parseRetryAfter } from '../http/httpDate';
import type { RequestResult } from '../http/result';

/** Milliseconds that a lock lives after it was created or renewed. Source: "Creating a Backup Lock". */
export const LEASE_LIFE = 600_000;

/** Transient failures are retried until this many milliseconds after the last successful renewal was sent. */
const RENEW_DEADLINE = 540_000;

/** Milliseconds from a renewal that failed, with all its attempts, to the next; half of them at least. */
const RETRY_PERIOD = 5_000;

/** By which part of the interval a renewal may come early, so that many leases don't renew at the same time. */
const JITTER = 0.1;

/** What ends a request of a lease, and how urgent it is. */
export interface LeaseRequestSignals {
	/** Ends the request without waiting for its response. */
	cancelSignal: AbortSignal;
	/** Lets no further attempt begin. */
	stopSignal: AbortSignal;
	/** By the monotonic clock, in milliseconds. */
	expiresAt: number;
}

/** What a lease is, and how it's renewed: this folder knows no request. */
export interface LeaseOptions {
	/** For example `Lock "78e4" of execution 12`. */
	name: string;
	/** Renews it, with retries; must not throw. */
	renew: (signals: LeaseRequestSignals) => Promise<RequestResult>;
	/** Releases it when the execution ends, if that is wanted; must not throw. */
	release?: (signals: LeaseRequestSignals) => Promise<RequestResult>;
	/** Milliseconds from the sending of one renewal to the next. */
	renewEvery: number;
	/** Milliseconds after which it's renewed no longer, whatever the execution does. */
	stopAfter: number;
	/** Why a request failed, as the second half of a sentence. */
	explain: (failure: Failure) => string;
	/** A failure as it's logged. */
	describe: (failure: Failure) => FailureReport;
	logger: { warn: (message: string) => void; info: (message: string) => void };
}

/** Renews one lease until it's stopped, or lost. */
export class LeaseRenewer {
	private readonly stopped = new AbortController();

	private readonly abandoned = new AbortController();

	private readonly stopAt: number;

	private loss: Failure | undefined;

	/** Why the lease is lost when it expires: the time in Stop After has passed. */
	private lossAtExpiry: Failure | undefined;

	private dueAt = 0;

	/** Ends the wait for the next renewal. */
	private alarm = new AbortController();

	private renewal: Promise<void> = Promise.resolve();

	/**
	 * @param renewedAt when the last successful renewal was sent, by the monotonic clock, in milliseconds
	 * @param mayBeReleasedElsewhere tells, when the lock doesn't exist: whether the execution may continue, or have ended,
	 * in another process; without it, it can't
	 */
	constructor(
		private readonly options: LeaseOptions,
		private readonly clock: Clock,
		private renewedAt: number,
		private readonly mayBeReleasedElsewhere?: () => Promise<boolean>,
	) {
		this.stopAt = clock.monotonic() + options.stopAfter;
		this.markRenewed(renewedAt);
	}

	/** Renews the lease repeatedly until it's stopped or lost; one renewal at a time. */
	async run(): Promise<void> {
		const { clock, stopAt, stopped } = this;
		while (!stopped.signal.aborted && this.loss === undefined) {
			const now = clock.monotonic();
			if (now >= stopAt) return this.stopRenewing();
			if (now >= this.dueAt) {
				this.renewal = this.renewOnce();
				await this.renewal;
				continue;
			}
			this.alarm = new AbortController();
			const wait = Math.min(this.dueAt, stopAt) - now;
			try {
				await clock.sleep(wait, this.alarm.signal);
			} catch {
				if (!this.alarm.signal.aborted) return;
			}
		}
	}

	/**
	 * Notes a renewal that succeeded, by whichever node.
	 *
	 * @param at when it was sent, by the monotonic clock, in milliseconds
	 */
	markRenewed(at: number): void {
		const { renewEvery } = this.options;
		this.renewedAt = Math.max(this.renewedAt, at);
		this.dueAt = this.renewedAt + renewEvery * (1 - JITTER * this.clock.random());
	}

	/** Renews without waiting for the next renewal's time. */
	renewNow(): void {
		this.dueAt = -Infinity;
		this.alarm.abort();
	}

	/** @returns why and when the lease was lost; `undefined` while it can be used */
	getLoss(): Failure | undefined {
		const hasExpired = this.clock.monotonic() >= this.renewedAt + LEASE_LIFE;
		return this.loss ?? (hasExpired ? this.lossAtExpiry : undefined);
	}

	/** Begins no further attempt, and waits for the one in flight. */
	async stop(): Promise<void> {
		this.stopped.abort();
		this.alarm.abort();
		await this.renewal;
	}

	/** Stops without waiting for a response. */
	abandon(): void {
		void this.stop();
		this.abandoned.abort();
	}

	/** Stops, and releases the lease if that is wanted and it isn't lost. */
	async finish(): Promise<void> {
		const { name, release, describe, logger } = this.options;
		if (release === undefined) return this.abandon();
		await this.stop();
		if (this.loss !== undefined) return;
		const result = await release(this.getSignals(this.abandoned.signal));
		if (result.ok || result.failure.reason === 'notFound') return;
		if (result.failure.reason === 'canceled') {
			logger.warn(`${name} couldn't be released in time. It expires within 10 minutes.`);
			return;
		}
		const { message, description } = describe(result.failure);
		logger.warn(`${message}. It wasn't released, and expires within 10 minutes. ${description}`);
	}

	private async renewOnce(): Promise<void> {
		const result = await this.options.renew(this.getSignals(this.stopped.signal));
		if (result.ok) this.markRenewed(result.attempts.startedAt);
		else if (!this.stopped.signal.aborted) await this.handleFailure(result.failure);
	}

	private getSignals(stopSignal: AbortSignal): LeaseRequestSignals {
		const expiresAt = this.renewedAt + LEASE_LIFE;
		return { cancelSignal: this.abandoned.signal, stopSignal, expiresAt };
	}

	private async handleFailure(failure: Failure): Promise<void> {
		const { clock } = this;
		const now = clock.monotonic();
		const deadline = this.renewedAt + RENEW_DEADLINE;
		if (isTransient(failure) && now < deadline) {
			const soon = now + (RETRY_PERIOD / 2) * (1 + clock.random());
			this.dueAt = Math.max(soon, Math.min(deadline, now + this.getRetryAfter(failure)));
			return;
		}
		const isGone =
			failure.reason === 'notFound' && (await this.mayBeReleasedElsewhere?.()) === true;
		if (this.stopped.signal.aborted && !isGone) return;
		const because = isGone ? 'it was released or has expired' : this.options.explain(failure);
		this.loss = { ...failure, leaseLoss: { at: clock.now(), because } };
		this.logLoss(this.loss, isGone);
	}

	private getRetryAfter({ retryAfter, serverTime }: Failure): number {
		return parseRetryAfter(retryAfter, serverTime ?? this.clock.now()) ?? 0;
	}

	private logLoss(loss: Failure, isGone: boolean): void {
		const { name, describe, logger } = this.options;
		if (isGone) {
			logger.info(`${name} was released or has expired. It's no longer renewed.`);
			return;
		}
		const { message, description } = describe(loss);
		logger.warn(`${message}. ${description}`);
	}

	private stopRenewing(): void {
		const { name, logger } = this.options;
		const leaseLoss = { at: this.clock.now(), because: "the time in 'Stop After' had passed" };
		this.lossAtExpiry = { reason: 'notFound', leaseLoss };
		const expiry = formatUtc(
			this.clock.now() + this.renewedAt + LEASE_LIFE - this.clock.monotonic(),
		);
		logger.warn(
			`${name} is no longer renewed, because the time in 'Stop After' has passed. It expires at ${expiry}. If the workflow takes longer than that, raise 'Stop After'.`,
		);
	}
}

function isTransient({ reason }: Failure): boolean {
	const { retryable, unreachable, notFromKooDrive } = getReason(reason);
	return retryable || unreachable === true || notFromKooDrive === true;
}
