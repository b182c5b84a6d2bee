import sortedLastIndexBy from 'lodash/sortedLastIndexBy';

/**
 * The most tasks that have begun and not ended: those that wait for their next attempt hold no place, but each of them
 * will send more requests.
 */
const UNFINISHED_PER_PLACE = 10;
const LEAST_UNFINISHED = 100;

/** A task that waits for a place: the most urgent one gets the next. */
interface Waiter {
	/** By the monotonic clock, in milliseconds: when it's too late; Infinity for what comes last, in order. */
	neededBy: number;
	isNew: boolean;
	start: () => void;
}

/** A place under Max Concurrency, held by one task. */
export interface Place {
	/**
	 * Gives up the place during a wait, so that a waiting task never blocks another one.
	 *
	 * @param neededBy how urgent it is to get a place again afterwards, by the monotonic clock, in milliseconds
	 * @throws what `wait` throws; then the task has no place and must end
	 */
	releaseDuring: <Value>(wait: () => Promise<Value>, neededBy: number) => Promise<Value>;
}

export interface HeldPlace extends Place {
	/** Must be called once. */
	leave: () => void;
}

/** The place of a task that nothing competes with. */
export const UNLIMITED: Place = { releaseDuring: async (wait) => await wait() };

/**
 * Bounds how many tasks work at the same time. The most urgent task gets the next free place. Tasks without a
 * deadline come last, in order, and only while not too many have begun without ending: where everything fails,
 * a server in trouble would otherwise get the retries of thousands.
 */
export class Limiter {
	private free: number;

	private unfinished = 0;

	private readonly maxUnfinished: number;

	/** In order of urgency. */
	private readonly waiting: Waiter[] = [];

	/** @param places how many tasks may work at the same time */
	constructor(places: number) {
		this.free = places;
		this.maxUnfinished = Math.max(LEAST_UNFINISHED, UNFINISHED_PER_PLACE * places);
	}

	/**
	 * Waits until it's a task's turn.
	 *
	 * @param neededBy by the monotonic clock, in milliseconds; with Infinity, tasks start in order
	 * @param abortSignal ends the wait for a place, not the task
	 * @returns the task's place, which it must leave
	 * @throws the signal's reason
	 */
	async enter(neededBy: number, abortSignal: AbortSignal | undefined): Promise<HeldPlace> {
		await this.acquire(neededBy, true, abortSignal);
		let holdsPlace = true;
		return {
			releaseDuring: async (wait, neededAgainBy) => {
				holdsPlace = false;
				this.release();
				const value = await wait();
				await this.acquire(neededAgainBy, false, abortSignal);
				holdsPlace = true;
				return value;
			},
			leave: () => {
				this.unfinished--;
				if (holdsPlace) this.release();
				else this.startWaiting();
			},
		};
	}

	/**
	 * Runs a task when it's its turn; see {@link enter}.
	 *
	 * @throws the signal's reason, or what the task throws
	 */
	async run<Value>(
		neededBy: number,
		abortSignal: AbortSignal | undefined,
		task: (place: Place) => Promise<Value>,
	): Promise<Value> {
		const place = await this.enter(neededBy, abortSignal);
		try {
			return await task(place);
		} finally {
			place.leave();
		}
	}

	private async acquire(
		neededBy: number,
		isNew: boolean,
		abortSignal: AbortSignal | undefined,
	): Promise<void> {
		abortSignal?.throwIfAborted();
		await new Promise<void>((resolve, reject) => {
			const onAbort = () => {
				this.waiting.splice(this.waiting.indexOf(waiter), 1);
				reject(abortSignal?.reason as Error);
			};
			const start = () => {
				abortSignal?.removeEventListener('abort', onAbort);
				resolve();
			};
			// What has begun comes before what hasn't, which may have to wait for its end.
			const urgency = isNew ? neededBy : Math.min(neededBy, Number.MAX_VALUE);
			const waiter: Waiter = { neededBy: urgency, isNew, start };
			abortSignal?.addEventListener('abort', onAbort);
			this.waiting.splice(sortedLastIndexBy(this.waiting, waiter, 'neededBy'), 0, waiter);
			this.startWaiting();
		});
	}

	private release(): void {
		this.free++;
		this.startWaiting();
	}

	private startWaiting(): void {
		while (this.free > 0) {
			const [next] = this.waiting;
			if (next === undefined) return;
			const mustWait = next.isNew && next.neededBy === Infinity;
			if (mustWait && this.unfinished >= this.maxUnfinished) return;
			this.waiting.shift();
			this.free--;
			if (next.isNew) this.unfinished++;
			next.start();
		}
	}
}
