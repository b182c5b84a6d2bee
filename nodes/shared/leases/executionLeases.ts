import type { Failure } from '../errors/failure';
import type { Clock } from '../http/clock';
import { finishRenewers } from './finishRenewers';
import type { LeaseExecution } from './leaseExecution';
import type { LeaseOptions } from './leaseRenewer';
import { LeaseRenewer } from './leaseRenewer';
import { CLOCK_CHECK_PERIOD, SuspensionDetector } from './suspension';

/**
 * Milliseconds between two looks into n8n's execution data. n8n lets an execution wait in its database for no
 * less than 65 seconds, so that no such wait is overlooked.
 */
const STATUS_CHECK_PERIOD = 60_000;

/** While an execution waits, n8n reads all its data for each look, so looks become rarer up to this many milliseconds. */
const LONGEST_STATUS_CHECK_PERIOD = 300_000;

/** The leases of one execution, until it ends. */
export class ExecutionLeases {
	private readonly renewers = new Map<string, LeaseRenewer>();

	private readonly over = new AbortController();

	private hasHandler = false;

	private hasWaited = false;

	private finishing: Promise<void> | undefined;

	/** @param forget removes the execution from the registry */
	constructor(
		private readonly execution: LeaseExecution,
		private readonly clock: Clock,
		private readonly forget: () => void,
	) {}

	/** How many leases there are, those that are lost included. */
	get size(): number {
		return this.renewers.size;
	}

	/**
	 * Begins to renew a lease; a lease of the same ID ends, because its credential or options may have changed.
	 *
	 * @param execution the execution as n8n shows it now: after a wait it's another one
	 */
	start(execution: LeaseExecution, id: string, options: LeaseOptions, renewedAt: number): void {
		if (!this.hasHandler) execution.onFinish(async () => await this.finish());
		this.hasHandler = true;
		void this.renewers.get(id)?.stop();
		const renewer = new LeaseRenewer(
			options,
			this.clock,
			renewedAt,
			async () => await this.mayContinueElsewhere(),
		);
		this.renewers.set(id, renewer);
		void renewer.run();
	}

	markRenewed(id: string, at: number): void {
		this.renewers.get(id)?.markRenewed(at);
	}

	getLoss(id: string): Failure | undefined {
		return this.renewers.get(id)?.getLoss();
	}

	/** Ends a lease and waits for a renewal in flight; returns why it was lost before, and remembers that. */
	async end(id: string): Promise<Failure | undefined> {
		const renewer = this.renewers.get(id);
		const loss = renewer?.getLoss();
		if (renewer !== undefined && loss === undefined) {
			await renewer.stop();
			this.renewers.delete(id);
		}
		return loss;
	}

	/** Notices that the execution has ended after a wait, when n8n calls no handler, and that the machine was suspended. */
	async watch(): Promise<void> {
		const { clock, over } = this;
		let nextLook = clock.monotonic() + STATUS_CHECK_PERIOD;
		let period = STATUS_CHECK_PERIOD;
		const detector = new SuspensionDetector(clock);
		for (;;) {
			const wait = Math.min(CLOCK_CHECK_PERIOD, nextLook - clock.monotonic());
			try {
				await clock.sleep(Math.max(0, wait), over.signal);
			} catch {
				return;
			}

			if (detector.wasSuspended()) for (const renewer of this.renewers.values()) renewer.renewNow();

			if (clock.monotonic() < nextLook) continue;
			if (this.size === 0 || (await this.hasEnded())) return await this.finish();
			period = this.hasWaited ? Math.min(LONGEST_STATUS_CHECK_PERIOD, 1.5 * period) : period;
			nextLook = clock.monotonic() + period;
		}
	}

	/** Ends all leases of the execution, once. */
	async finish(): Promise<void> {
		this.finishing ??= this.finishAll();
		await this.finishing;
	}

	private async finishAll(): Promise<void> {
		this.forget();
		this.over.abort();
		const renewers = [...this.renewers.values()];
		this.renewers.clear();
		await finishRenewers(renewers, this.clock);
	}

	/** A lock that doesn't exist may have been released by another process that continued the execution after a wait. */
	private async mayContinueElsewhere(): Promise<boolean> {
		const hasEnded = await this.hasEnded();
		if (hasEnded) void this.finish();
		return hasEnded || this.hasWaited;
	}

	private async hasEnded(): Promise<boolean> {
		let status;
		try {
			status = await this.execution.getStatus();
		} catch {
			return false;
		}
		if (status === 'ended') return true;
		if (status === 'unknown') return this.hasWaited;
		if (status === 'running') return false;
		this.hasWaited = true;
		// The handler was known to the part of the execution before the wait.
		this.hasHandler = false;
		return false;
	}
}
