import type { IExecuteFunctions, IRunExecutionData } from 'n8n-workflow';

import type { Failure } from '../errors/failure';
import type { Clock } from '../http/clock';
import type { Lease } from './leaseRenewer';
import {
	CLOCK_CHECK_PERIOD,
	finishRenewers,
	LeaseRenewer,
	SuspensionDetector,
} from './leaseRenewer';

/**
 * Milliseconds between two looks into n8n's execution data. n8n lets an execution wait in its database for no
 * less than 65 seconds, so that no such wait is overlooked.
 */
const STATUS_CHECK_PERIOD = 60_000;

/** While an execution waits, n8n reads all its data for each look, so looks become rarer up to this many milliseconds. */
const LONGEST_STATUS_CHECK_PERIOD = 300_000;

/**
 * The leases of this n8n process, by execution and lock ID. They live in memory alone: if n8n stops, nothing is
 * renewed any longer, and the locks expire.
 */
export class LeaseRegistry {
	private readonly executions = new Map<string, ExecutionLeases>();

	/** How many executions have leases, and how many leases there are. */
	get size(): { executions: number; leases: number } {
		const leases = [...this.executions.values()].reduce(
			(sum, { renewers }) => sum + renewers.size,
			0,
		);
		return { executions: this.executions.size, leases };
	}

	get(executionId: string, lockId: string): LeaseRenewer | undefined {
		return this.executions.get(executionId)?.renewers.get(lockId);
	}

	/**
	 * Begins to renew a lock until the execution ends. A lease of the same lock ends, because its credential or options
	 * may have changed.
	 *
	 * @param execution as n8n shows it now: after a wait it's another one
	 * @param renewedAt when it was last renewed, by the monotonic clock, in milliseconds
	 */
	start(execution: LeaseExecution, lease: Lease, renewedAt: number, clock: Clock): void {
		const known = this.executions.get(execution.id);
		const leases =
			known ?? new ExecutionLeases(execution, clock, () => this.executions.delete(execution.id));
		leases.start(execution, lease, renewedAt);
		if (known !== undefined) return;
		this.executions.set(execution.id, leases);
		void leases.watch();
	}

	/**
	 * Ends a lease before it's released, in every execution: a sub-workflow may release what its parent holds.
	 * When this returns, no renewal is in flight, and none will follow.
	 *
	 * @returns why and when the execution had lost it, if it had
	 */
	async end(executionId: string, lockId: string): Promise<Failure | undefined> {
		const loss = this.get(executionId, lockId)?.getLoss();
		await Promise.all(
			[...this.executions.values()].map(async ({ renewers }) => await endLease(renewers, lockId)),
		);
		return loss;
	}
}

/** A lease that was lost stays, so that later nodes learn of it. */
async function endLease(renewers: Map<string, LeaseRenewer>, lockId: string): Promise<void> {
	const renewer = renewers.get(lockId);
	if (renewer === undefined || renewer.getLoss() !== undefined) return;
	await renewer.stop();
	// Another one may have begun in the meantime.
	if (renewers.get(lockId) === renewer) renewers.delete(lockId);
}

/** The leases of one execution, until it ends. */
class ExecutionLeases {
	/** By lock ID, those that are lost included. */
	readonly renewers = new Map<string, LeaseRenewer>();

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

	start(execution: LeaseExecution, lease: Lease, renewedAt: number): void {
		if (!this.hasHandler) execution.onFinish(async () => await this.finish());
		this.hasHandler = true;
		void this.renewers.get(lease.lockId)?.stop();
		const mayContinueElsewhere = async () => await this.mayContinueElsewhere();
		const renewer = new LeaseRenewer(lease, this.clock, renewedAt, mayContinueElsewhere);
		this.renewers.set(lease.lockId, renewer);
		void renewer.run();
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
			if (this.renewers.size === 0 || (await this.hasEnded())) return await this.finish();
			period = this.hasWaited ? Math.min(LONGEST_STATUS_CHECK_PERIOD, 1.5 * period) : period;
			nextLook = clock.monotonic() + period;
		}
	}

	/** Ends all leases of the execution, once. */
	private async finish(): Promise<void> {
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

/** The registry of this n8n process. */
export const leaseRegistry = new LeaseRegistry();

/** What n8n's execution data shows of an execution; `unknown` where there is none. */
export type ExecutionStatus = 'waiting' | 'running' | 'ended' | 'unknown';

/** An execution of a workflow, as far as it matters to its leases. */
export interface LeaseExecution {
	id: string;
	/** Has n8n call the handler when the execution ends: perhaps twice, and never after the execution has waited. */
	onFinish: (handler: () => Promise<void>) => void;
	/** Reads n8n's execution data. */
	getStatus: () => Promise<ExecutionStatus>;
}

/** @returns the execution that a node runs in */
export function getLeaseExecution(context: IExecuteFunctions): LeaseExecution {
	const id = context.getExecutionId();
	return {
		id,
		// It was checked before: older versions of n8n don't have it.
		onFinish: (handler) => context.onExecutionFinish!(handler),
		getStatus: async () => {
			const data = await context.getExecutionDataById(id);
			return data === undefined ? 'unknown' : readStatus(data);
		},
	};
}

/**
 * Execution data is saved when an execution begins to wait and when it ends; with the workflow's setting Save
 * Execution Progress, after each node too.
 */
function readStatus({ waitTill, resultData, executionData }: IRunExecutionData): ExecutionStatus {
	// One that is stopped while it waits still has the time at which it was to continue.
	if (resultData.error !== undefined) return 'ended';
	if (waitTill !== undefined) return 'waiting';
	const hasBegun = Object.keys(resultData.runData).length > 0;
	return hasBegun && executionData?.nodeExecutionStack.length === 0 ? 'ended' : 'running';
}
