import type { ReasonName } from '../failures/reasons';

const CAPACITY = 500;
const COST = 5;
const COST_OF_A_TIMEOUT = 10;

/**
 * What all the calls of an execution together may spend on retries, so that a service in trouble is not
 * buried under them. A call that succeeds gives back what it took.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode.
 */
export class RetryQuota {
	private available = CAPACITY;

	private holders = 0;

	/** @returns the share of one call, empty at first */
	open(): RetryClaim {
		let taken = 0;
		return {
			take: (reason) => {
				const cost = reason === 'timedOut' ? COST_OF_A_TIMEOUT : COST;
				if (cost > this.available) return false;
				if (taken === 0) this.holders++;
				taken += cost;
				this.available -= cost;
				return true;
			},
			mayComeBack: () => taken === 0 && this.holders > 0,
			close: (succeeded) => {
				if (taken > 0) this.holders--;
				if (succeeded) this.available += taken;
				taken = 0;
			},
		};
	}
}

/** One call's share of the quota. */
export interface RetryClaim {
	/** Takes what a retry after such a failure costs; `false` where too little is left. */
	take(reason: ReasonName): boolean;
	/**
	 * Whether waiting may help: another call holds tokens and may give them back. Never so for a call that
	 * holds some itself, or such calls could wait for each other.
	 */
	mayComeBack(): boolean;
	/** Ends the call's share; what it took is given back if it succeeded. */
	close(succeeded: boolean): void;
}
