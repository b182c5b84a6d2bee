import type { Failure } from '../errors/failure';
import type { Clock } from '../http/clock';
import { ExecutionLeases } from './executionLeases';
import type { LeaseExecution } from './leaseExecution';
import type { LeaseOptions } from './leaseRenewer';

/**
 * The leases of this n8n process, by execution and ID. They live in memory alone: if n8n stops, nothing is
 * renewed any longer, and the locks expire.
 */
export class LeaseRegistry {
	private readonly executions = new Map<string, ExecutionLeases>();

	/** How many executions have leases, and how many leases there are. */
	get size(): { executions: number; leases: number } {
		const leases = [...this.executions.values()].reduce((sum, { size }) => sum + size, 0);
		return { executions: this.executions.size, leases };
	}

	/**
	 * Begins to renew a lease until the execution ends.
	 *
	 * @param renewedAt when it was last renewed, by the monotonic clock, in milliseconds
	 */
	start(
		execution: LeaseExecution,
		id: string,
		options: LeaseOptions,
		renewedAt: number,
		clock: Clock,
	): void {
		const known = this.executions.get(execution.id);
		const leases =
			known ?? new ExecutionLeases(execution, clock, () => this.executions.delete(execution.id));
		leases.start(execution, id, options, renewedAt);
		if (known !== undefined) return;
		this.executions.set(execution.id, leases);
		void leases.watch();
	}

	/**
	 * Notes a renewal that a node of the execution sent.
	 *
	 * @param at when, by the monotonic clock, in milliseconds
	 */
	markRenewed(executionId: string, id: string, at: number): void {
		this.executions.get(executionId)?.markRenewed(id, at);
	}

	/** @returns why and when a lease was lost; `undefined` where it's held, or there is none */
	getLoss(executionId: string, id: string): Failure | undefined {
		return this.executions.get(executionId)?.getLoss(id);
	}

	/**
	 * Ends a lease before it's released, in every execution: a sub-workflow may release what its parent holds.
	 * When this returns, no renewal is in flight, and none will follow.
	 *
	 * @returns why and when the execution had lost it, if it had
	 */
	async end(executionId: string, id: string): Promise<Failure | undefined> {
		const own = this.executions.get(executionId)?.getLoss(id);
		await Promise.all([...this.executions.values()].map(async (leases) => await leases.end(id)));
		return own;
	}
}

/** The registry of this n8n process. */
export const leaseRegistry = new LeaseRegistry();
