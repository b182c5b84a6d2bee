import pLimit from 'p-limit';

/** How the items of a run are worked off. */
export interface EveryItem<Result> {
	/** How many items there are. */
	count: number;
	/** How many of them at once, at the most. */
	maxConcurrency: number;
	/** Works off one item; must not throw. */
	tryItem: (itemIndex: number) => Promise<Result>;
	/** Whether an item found no way to the endpoint at all. */
	isUnreachable: (result: Result) => boolean;
	/** What stands for an item that was left out because nothing can be reached. */
	notTried: (itemIndex: number) => Result;
}

/**
 * Works off every item, whatever happens to the others, a bounded number at once. When twice that number in
 * a row found no way to the endpoint, the rest is left out instead of each waiting for its own timeout.
 *
 * @param options the items, and how to work them off
 * @returns one result for each item, in the order of the items
 */
export async function everyItem<Result>(options: EveryItem<Result>): Promise<Result[]> {
	const { count, maxConcurrency, tryItem, isUnreachable, notTried } = options;
	const limit = pLimit(maxConcurrency);
	let unreachableInARow = 0;
	const work = async (itemIndex: number) => {
		if (unreachableInARow >= 2 * maxConcurrency) return notTried(itemIndex);
		const result = await tryItem(itemIndex);
		unreachableInARow = isUnreachable(result) ? unreachableInARow + 1 : 0;
		return result;
	};
	return await Promise.all(
		Array.from({ length: count }, async (_, itemIndex) => await limit(work, itemIndex)),
	);
}
