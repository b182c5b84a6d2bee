import { withTimeout } from '../../../../dist/nodes/shared/transport/withTimeout';

describe('a time limit', () => {
	const forever = new Promise<never>(() => undefined);

	test('ends even what does not heed its signal', async () => {
		expect(await withTimeout(10, undefined, async () => await forever)).toEqual({
			how: 'timedOut',
		});
	});

	test('hands on what finishes in time', async () => {
		expect(await withTimeout(1000, undefined, async () => await Promise.resolve(7))).toEqual({
			how: 'finished',
			value: 7,
		});
	});

	test('lets through what fails by itself', async () => {
		const error = new Error('x');
		const run = async () => await Promise.reject(error);
		expect(await withTimeout(1000, undefined, run)).toEqual({ how: 'threw', error });
	});

	test('does not begin when it was stopped before', async () => {
		const run = jest.fn();
		expect(await withTimeout(1000, AbortSignal.abort(), run)).toEqual({ how: 'stopped' });
		expect(run).not.toHaveBeenCalled();
	});

	test('ends, and says so, as soon as it is stopped', async () => {
		const cancel = new AbortController();
		const ended = withTimeout(60_000, cancel.signal, async () => await forever);
		cancel.abort();
		expect(await ended).toEqual({ how: 'stopped' });
	});

	test('leaves no listener on the signal of the execution', async () => {
		const cancel = new AbortController();
		const remove = jest.spyOn(cancel.signal, 'removeEventListener');
		await withTimeout(1000, cancel.signal, async () => 1);
		expect(remove).toHaveBeenCalledTimes(1);
	});
});
