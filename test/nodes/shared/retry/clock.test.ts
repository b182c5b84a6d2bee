import { systemClock } from '../../../../dist/nodes/shared/retry/clock';

describe('the clock of the machine', () => {
	test('waits as long as it is told, and no longer than the execution lasts', async () => {
		const before = systemClock.now();
		await systemClock.sleep(30);
		expect(systemClock.now() - before).toBeGreaterThanOrEqual(29);
		const stopped = AbortSignal.timeout(5);
		await expect(systemClock.sleep(60_000, stopped)).rejects.toThrow();
	});

	test('throws its dice anew each time, from 0 up to 1', () => {
		const thrown = Array.from({ length: 100 }, () => systemClock.random());
		expect(new Set(thrown).size).toBeGreaterThan(90);
		expect(thrown.every((number) => number >= 0 && number < 1)).toBe(true);
	});
});
