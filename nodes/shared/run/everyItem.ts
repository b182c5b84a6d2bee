import pLimit from 'p-limit';

/** How the items of a run are worked off. */
export interface EveryItem<Result> {
	/** How many items there are. */
	count: number;
	/** How many of them at once, at the most. */
	maxConcurrency: number;
	/** Works off one item; must not throw. */
	tryItem: (itemIndex: number) => Promise<Result>;
	/** What stands for an item that is not to be begun any more, or `undefined` where it is to be. */
	leaveOut: (itemIndex: number) => Result | undefined;
}

/**
 * Works off every item, whatever happens to the others, a bounded number at once. An item that waits for
 * its turn keeps its place, however long those before it take.
 *
 * @param options the items, and how to work them off
 * @returns one result for each item, in the order of the items
 */
export async function everyItem<Result>(options: EveryItem<Result>): Promise<Result[]> {
	const { count, maxConcurrency, tryItem, leaveOut } = options;
	const limit = pLimit(maxConcurrency);
	const work = async (itemIndex: number) => leaveOut(itemIndex) ?? (await tryItem(itemIndex));
	return await Promise.all(
		Array.from({ length: count }, async (_, itemIndex) => await limit(work, itemIndex)),
	);
}
