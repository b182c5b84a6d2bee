import type { Item } from '../execution/item';

/** The end of the last task, by client and module code. */
const lastTurns = new WeakMap<Item['client'], Map<string, Promise<void>>>();

/** Runs a task of an item after those that other items of the same client and module code began before. */
export async function takeTurn<Result>(
	{ client, place }: Item,
	moduleCode: string,
	task: () => Promise<Result>,
): Promise<Result> {
	const ofClient = lastTurns.get(client) ?? new Map<string, Promise<void>>();
	lastTurns.set(client, ofClient);
	const before = ofClient.get(moduleCode);
	let end = () => {};
	ofClient.set(moduleCode, new Promise((resolve) => (end = resolve)));
	try {
		if (before !== undefined) await place.releaseDuring(async () => await before, Infinity);
		return await task();
	} finally {
		end();
	}
}
