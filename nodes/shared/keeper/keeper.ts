import type { Failure } from '../failures/failure';
import type { Clock } from '../retry/clock';
import type { Execution } from './execution';
import type { Kept } from './keeping';
import { KeptExecution } from './keptExecution';

/**
 * Keeps things alive beside the executions of workflows, each until its execution ends. What it holds lives in
 * memory alone: if n8n dies, nothing is renewed any more, and a lock ends by itself. That is what a lease is for.
 */
export class Keeper {
	private readonly executions = new Map<string, KeptExecution>();

	/** @returns for how many executions it holds something, and how many things in all */
	get held(): { executions: number; kept: number } {
		const kept = [...this.executions.values()].reduce((sum, { size }) => sum + size, 0);
		return { executions: this.executions.size, kept };
	}

	/**
	 * Keeps something alive from now on. What is kept already for this execution is not renewed twice.
	 *
	 * @param execution for whose duration
	 * @param id what it is called
	 * @param kept what is done to keep it alive
	 * @param sentAt when it was last renewed, by the monotonic clock, in milliseconds
	 * @param clock time and chance
	 */
	keep(execution: Execution, id: string, kept: Kept, sentAt: number, clock: Clock): void {
		const known = this.executions.get(execution.id);
		const keptExecution = known ?? new KeptExecution(clock, () => this.forget(execution.id));
		keptExecution.keep(execution, id, kept, sentAt);
		if (known !== undefined) return;
		this.executions.set(execution.id, keptExecution);
		void keptExecution.watch(execution);
	}

	/**
	 * Takes note of a renewal that a step of the execution sent.
	 *
	 * @param executionId which execution
	 * @param id what was renewed, kept or not
	 * @param sentAt when, by the monotonic clock, in milliseconds
	 */
	renewed(executionId: string, id: string, sentAt: number): void {
		this.executions.get(executionId)?.get(id)?.renewed(sentAt);
	}

	/**
	 * Tells whether something was lost while it was kept alive.
	 *
	 * @param executionId which execution
	 * @param id what it is called
	 * @returns why it was lost, and when; `undefined` where it is held, or was never kept
	 */
	lossOf(executionId: string, id: string): Failure | undefined {
		return this.executions.get(executionId)?.get(id)?.loss;
	}

	/**
	 * Keeps something alive no longer. When this returns, no renewal is in flight, and none will follow.
	 *
	 * @param executionId which execution
	 * @param id what it is called
	 * @returns why it was lost, and when, if it was
	 */
	async end(executionId: string, id: string): Promise<Failure | undefined> {
		return (await this.executions.get(executionId)?.end(id))?.loss;
	}

	private forget(executionId: string): void {
		this.executions.delete(executionId);
	}
}

/** The keeper of this n8n process. */
export const keeper = new Keeper();
