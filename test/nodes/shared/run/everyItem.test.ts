import { everyItem } from '../../../../dist/nodes/shared/run/everyItem';

test('every item is worked off in its place, no more at once than allowed', async () => {
	let atOnce = 0;
	let most = 0;
	const results = await everyItem({
		count: 30,
		maxConcurrency: 4,
		tryItem: async (itemIndex) => {
			most = Math.max(most, ++atOnce);
			await new Promise((resolve) => setTimeout(resolve, 30 - itemIndex));
			atOnce--;
			return itemIndex;
		},
		leaveOut: () => undefined,
	});
	expect(results).toEqual(Array.from({ length: 30 }, (_, itemIndex) => itemIndex));
	expect(most).toBe(4);
});

test('an item that is left out is not begun, and those after it may be', async () => {
	const tried: number[] = [];
	const results = await everyItem({
		count: 4,
		maxConcurrency: 1,
		tryItem: async (itemIndex) => {
			tried.push(itemIndex);
			return await Promise.resolve('tried');
		},
		leaveOut: (itemIndex) => (itemIndex === 1 ? 'left out' : undefined),
	});
	expect(results).toEqual(['tried', 'left out', 'tried', 'tried']);
	expect(tried).toEqual([0, 2, 3]);
});
