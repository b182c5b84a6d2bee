import type { NodeExecution } from '../../shared/execution/nodeExecution';
import type { Clock } from '../../shared/http/clock';
import { Limiter } from '../../shared/http/limiter';
import { LONG_DEADLINE } from '../../shared/http/retry';

/** How many files are transferred at the same time unless the user says otherwise. */
export const DEFAULT_PARALLEL_TRANSFERS = 4;

/** What all transfers of one execution share. */
export class SharedTransfers {
	/** Bounds how many files are in transfer, and with them the memory: each has one part in memory. */
	readonly limiter: Limiter;

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
