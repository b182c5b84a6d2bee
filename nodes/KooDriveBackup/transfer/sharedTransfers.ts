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

	private lastProgressAt: number;

	constructor(
		parallelTransfers: number,
		private readonly clock: Clock,
	) {
		this.limiter = new Limiter(parallelTransfers);
		this.lastProgressAt = clock.monotonic();
	}

	/** Notes that something was transferred, or that a file was read: that may take long, and is no outage. */
	markProgress(): void {
		this.lastProgressAt = this.clock.monotonic();
	}

	/** @returns milliseconds in which a retry is still worthwhile */
	getTimeLeft(): number {
		return this.lastProgressAt + LONG_DEADLINE - this.clock.monotonic();
	}
}

const ofExecutions = new WeakMap<NodeExecution, SharedTransfers>();

/** @returns what the transfers of an execution of single files share */
export function getSharedTransfers(execution: NodeExecution): SharedTransfers {
	const known = ofExecutions.get(execution);
	if (known !== undefined) return known;
	const shared = new SharedTransfers(DEFAULT_PARALLEL_TRANSFERS, execution.clock);
	ofExecutions.set(execution, shared);
	return shared;
}
