import { LOCK_LIFE, releaseLock, renewLock } from '../api/locks';
import { describeFailure, explainFailure } from '../errors/describeFailure';
import type { Failure } from '../errors/failure';
import { getReason } from '../errors/reasons';
import { RequestFailedError } from '../errors/failure';
import { formatUtc } from '../errors/text';
import type { KooDriveClient, KooDriveResponse } from '../http/client';
import type { Clock } from '../http/clock';
import { parseRetryAfter } from '../http/httpDate';
import type { Limiter } from '../http/limiter';
import type { KooDriveRequest } from '../http/request';
import type { RequestOptions } from '../http/retry';
import { LONG_DEADLINE } from '../http/retry';
import { lockMessages } from './lockMessages';

/** Milliseconds from a renewal that failed, with all its attempts, to the next; half of them at least. */
const RETRY_PERIOD = 5_000;

/** By which part of the interval a renewal may come early, so that many leases don't renew at the same time. */
const JITTER = 0.1;

/** A lock that is renewed in the background, and how. */
export interface Lease {
	/** For example `Lock "78e4" of execution 12`. */
	name: string;
	lockId: string;
	client: Pick<KooDriveClient, 'request'>;
	policy: Pick<RequestOptions, 'timeout' | 'maxAttempts'>;
	/** Bounds the requests in flight, the one that expires first goes first; without it, nothing waits. */
	limiter?: Limiter;
	/** Milliseconds from the sending of one renewal to the next. */
	renewEvery: number;
	/** Milliseconds after which it's renewed no longer, whatever the execution does. */
	stopAfter?: number;
	/** Whether the lock is released at the end. */
	releaseAtEnd: boolean;
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
		private readonly lease: Lease,
		private readonly clock: Clock,
		private renewedAt: number,
		private readonly mayBeReleasedElsewhere?: () => Promise<boolean>,
	) {
		this.stopAt = clock.monotonic() + (lease.stopAfter ?? Infinity);
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
		const { renewEvery } = this.lease;
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
		const hasExpired = this.clock.monotonic() >= this.renewedAt + LOCK_LIFE;
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

	/** Stops, and releases the lock if that is wanted and it isn't lost. */
	async finish(): Promise<void> {
		const { name, lockId, releaseAtEnd, logger } = this.lease;
		if (!releaseAtEnd) return this.abandon();
		await this.stop();
		if (this.loss !== undefined) return;
		try {
			await this.send(releaseLock(lockId), this.abandoned.signal);
		} catch (error) {
			const failure = toFailure(error);
			if (failure.reason === 'notFound') return;
			if (failure.reason === 'canceled') {
				logger.warn(`${name} couldn't be released in time. It expires within 10 minutes.`);
				return;
			}
			const { message, description } = this.describe(failure);
			logger.warn(`${message}. It wasn't released, and expires within 10 minutes. ${description}`);
		}
	}

	private async renewOnce(): Promise<void> {
		const { stopped } = this;
		try {
			const { attempts } = await this.send(renewLock(this.lease.lockId), stopped.signal);
			this.markRenewed(attempts.startedAt);
		} catch (error) {
			if (!stopped.signal.aborted) await this.handleFailure(toFailure(error));
		}
	}

	/** No circuit breaker: an outage that a node met doesn't concern a lease. */
	private async send(request: KooDriveRequest, stopSignal: AbortSignal): Promise<KooDriveResponse> {
		const { client, policy, limiter } = this.lease;
		const options = { ...policy, signal: this.abandoned.signal, stopSignal };
		if (limiter === undefined) return await client.request(request, options);
		return await limiter.run(
			this.renewedAt + LOCK_LIFE,
			stopSignal,
			async (place) => await client.request(request, { ...options, place }),
		);
	}

	private describe(failure: Failure): { message: string; description: string } {
		return describeFailure(failure, this.lease.name, lockMessages.reasons);
	}

	private async handleFailure(failure: Failure): Promise<void> {
		const { clock } = this;
		const now = clock.monotonic();
		const deadline = this.renewedAt + LONG_DEADLINE;
		if (isTransient(failure) && now < deadline) {
			const soon = now + (RETRY_PERIOD / 2) * (1 + clock.random());
			this.dueAt = Math.max(soon, Math.min(deadline, now + this.getRetryAfter(failure)));
			return;
		}
		const isGone =
			failure.reason === 'notFound' && (await this.mayBeReleasedElsewhere?.()) === true;
		if (this.stopped.signal.aborted && !isGone) return;
		const because = isGone
			? 'it was released or has expired'
			: explainFailure(failure, lockMessages.reasons);
		this.loss = { ...failure, leaseLoss: { at: clock.now(), because } };
		this.logLoss(this.loss, isGone);
	}

	private getRetryAfter({ retryAfter, serverTime }: Failure): number {
		return parseRetryAfter(retryAfter, serverTime ?? this.clock.now()) ?? 0;
	}

	private logLoss(loss: Failure, isGone: boolean): void {
		const { name, logger } = this.lease;
		if (isGone) {
			logger.info(`${name} was released or has expired. It's no longer renewed.`);
			return;
		}
		const { message, description } = this.describe(loss);
		logger.warn(`${message}. ${description}`);
	}

	private stopRenewing(): void {
		const { name, logger } = this.lease;
		const leaseLoss = { at: this.clock.now(), because: "the time in 'Stop After' had passed" };
		this.lossAtExpiry = { reason: 'notFound', leaseLoss };
		const expiry = formatUtc(
			this.clock.now() + this.renewedAt + LOCK_LIFE - this.clock.monotonic(),
		);
		logger.warn(
			`${name} is no longer renewed, because the time in 'Stop After' has passed. It expires at ${expiry}. If the workflow takes longer than that, raise 'Stop After'.`,
		);
	}
}

/** A request that was stopped before it was its turn was canceled. */
function toFailure(error: unknown): Failure {
	return error instanceof RequestFailedError ? error.failure : { reason: 'canceled' };
}

function isTransient({ reason }: Failure): boolean {
	const { retryable, unreachable, notFromKooDrive } = getReason(reason);
	return retryable || unreachable === true || notFromKooDrive === true;
}

/** Leases that can't be released within this many milliseconds are left to expire. */
export const RELEASE_TIMEOUT = 15_000;

/** Ends leases, and releases those that are to be released, as far as that is possible in that time. */
export async function finishRenewers(
	renewers: readonly LeaseRenewer[],
	clock: Clock,
	milliseconds = RELEASE_TIMEOUT,
): Promise<void> {
	const finished = new AbortController();
	const timeout = clock.sleep(milliseconds, finished.signal).catch(() => undefined);
	await Promise.race([
		Promise.all(renewers.map(async (renewer) => await renewer.finish())),
		timeout,
	]);
	finished.abort();
	for (const renewer of renewers) renewer.abandon();
}

/** Milliseconds between two looks at the machine's clocks. */
export const CLOCK_CHECK_PERIOD = 10_000;

/** The clocks of a machine that was suspended differ by more than this many milliseconds from before. */
const SUSPENDED = 5_000;

/** Notices that the machine was suspended: the monotonic clock stood still then, and so did every renewal. */
export class SuspensionDetector {
	private drift: number;

	constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {
		this.drift = this.getDrift();
	}

	/** @returns whether the machine was suspended since the last look */
	wasSuspended(): boolean {
		const before = this.drift;
		this.drift = this.getDrift();
		return this.drift - before > SUSPENDED;
	}

	private getDrift(): number {
		return this.clock.now() - this.clock.monotonic();
	}
}
