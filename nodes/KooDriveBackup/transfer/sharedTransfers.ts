import type { NodeExecution } from '../../shared/execution/nodeExecution';
import type { Clock } from '../../shared/http/clock';
import { Limiter } from '../../shared/http/limiter';
import { LONG_DEADLINE } from '../../shared/http/retry';
import { MemoryBudget } from './memoryBudget';
import { PART_SIZE } from './parts';

/** How many files are transferred at the same time unless the user says otherwise. */
export const DEFAULT_PARALLEL_TRANSFERS = 16;

/** Bytes for the parts that are read and sent: two large files at a time. */
const UPLOAD_MEMORY = 6 * PART_SIZE;

/** What all transfers of one execution share. */
export class SharedTransfers {
	/** Bounds how many files are in transfer. */
	readonly limiter: Limiter;

	/** Bounds the memory that uploads take: fewer large files are in transfer than small ones. */
	readonly memory = new MemoryBudget(UPLOAD_MEMORY);

	/**
	 * Whether files are offered by their hash, so that content which KooDrive stores already isn't sent. Off for the
	 * rest of the execution once KooDrive has rejected it.
	 */
	offersHashes = true;

	/** When something was done. */
	private lastProgressAt: number;

	/** When bytes arrived last, although nothing may have been done. */
	private lastActivityAt: number;

	constructor(
		parallelTransfers: number,
		private readonly clock: Clock,
	) {
		this.limiter = new Limiter(parallelTransfers);
		this.lastProgressAt = this.lastActivityAt = clock.monotonic();
	}

	/** Notes that something was transferred, or that a file was read: that may take long, and is no outage. */
	markProgress(): void {
		this.lastProgressAt = this.lastActivityAt = this.clock.monotonic();
	}

	/** Notes that a part of a file has arrived. */
	markActivity(): void {
		this.lastActivityAt = this.clock.monotonic();
	}

	/** @returns milliseconds in which another request is worthwhile */
	getTimeLeft(): number {
		return this.lastActivityAt + LONG_DEADLINE - this.clock.monotonic();
	}

	/**
	 * Bytes that arrive don't prolong it: a transfer that is reset each time would never end.
	 *
	 * @param failedSince when the transfer failed first, by the monotonic clock, in milliseconds
	 * @returns milliseconds in which the transfer is worth another attempt
	 */
	getRetryTime(failedSince: number): number {
		const since = Math.max(this.lastProgressAt, failedSince);
		return since + LONG_DEADLINE - this.clock.monotonic();
	}
}

const ofExecutions = new WeakMap<NodeExecution, SharedTransfers>();

/**
 * @param parallelTransfers counts where the transfers of the first item begin
 * @returns what the transfers of all items of an execution share
 */
export function getSharedTransfers(
	execution: NodeExecution,
	parallelTransfers = DEFAULT_PARALLEL_TRANSFERS,
): SharedTransfers {
	const known = ofExecutions.get(execution);
	if (known !== undefined) return known;
	const shared = new SharedTransfers(parallelTransfers, execution.clock);
	ofExecutions.set(execution, shared);
	return shared;
}
