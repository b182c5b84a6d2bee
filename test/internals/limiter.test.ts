import { setImmediate } from 'node:timers/promises';

import { Limiter } from '#dist/nodes/shared/http/limiter';

/** A task of a test: it notes that it began, and ends or waits when the test says so. */
class Tasks {
	/** The names of the tasks that began, in order. */
	readonly begun: string[] = [];

	/** The names of the tasks that ended, in order. */
	readonly ended: string[] = [];

	private readonly resume = new Map<string, () => void>();

	constructor(private readonly limiter: Limiter) {}

	/** Starts a task that works until {@link let} ends its work. */
	async work(name: string, neededBy = Infinity, signal?: AbortSignal): Promise<void> {
		await this.limiter.run(neededBy, signal, async () => {
			this.begun.push(name);
			await this.paused(name);
		});
		this.ended.push(name);
	}

	/** Starts a task that waits at once, until {@link let} ends its wait, and then works. */
	async wait(name: string, neededAgainBy: number, signal?: AbortSignal): Promise<void> {
		await this.limiter.run(Infinity, signal, async (place) => {
			this.begun.push(`${name} waits`);
			await place.releaseDuring(async () => await this.paused(`${name} waits`), neededAgainBy);
			this.begun.push(name);
			await this.paused(name);
		});
		this.ended.push(name);
	}

	/** Lets a task go on, and whatever follows from it. */
	async let(name: string): Promise<void> {
		this.resume.get(name)!();
		await setImmediate();
	}

	private async paused(name: string): Promise<void> {
		await new Promise<void>((resolve) => this.resume.set(name, resolve));
	}
}

test('runs tasks in order, no more than its places at a time', async () => {
	const limiter = new Limiter(4);
	const begun: number[] = [];
	let working = 0;
	let most = 0;
	const results = await Promise.all(
		Array.from({ length: 30 }, async (_, index) =>
			limiter.run(Infinity, undefined, async () => {
				begun.push(index);
				most = Math.max(most, ++working);
				await new Promise((resolve) => setTimeout(resolve, 30 - index));
				working--;
				return index;
			}),
		),
	);
	const all = Array.from({ length: 30 }, (_, index) => index);
	expect(results).toEqual(all);
	expect(begun).toEqual(all);
	expect(most).toBe(4);
});

test('passes on what a task throws, and its place to the next', async () => {
	const limiter = new Limiter(1);
	const error = new Error('x');
	const failing = limiter.run(Infinity, undefined, async () => await Promise.reject(error));
	const next = limiter.run(Infinity, undefined, async () => await Promise.resolve('next'));
	await expect(failing).rejects.toBe(error);
	expect(await next).toBe('next');
});

test('gives the place of a task that waits to another, and takes it back afterwards', async () => {
	const tasks = new Tasks(new Limiter(1));
	const both = Promise.all([tasks.wait('a', 5), tasks.work('b')]);
	await setImmediate();
	expect(tasks.begun).toEqual(['a waits', 'b']);
	await tasks.let('a waits');
	expect(tasks.begun).toEqual(['a waits', 'b']);
	await tasks.let('b');
	expect(tasks.begun).toEqual(['a waits', 'b', 'a']);
	await tasks.let('a');
	await both;
});

test('runs the most urgent task first, also before those that began and came earlier', async () => {
	const tasks = new Tasks(new Limiter(1));
	const all = [
		tasks.wait('waited', 20),
		tasks.work('first'),
		tasks.work('in order'),
		tasks.work('late', 30),
		tasks.work('soon', 10),
	];
	await setImmediate();
	await tasks.let('waited waits');
	// The wait released the place to the most urgent one that was there.
	for (const name of ['soon', 'waited', 'late', 'first', 'in order']) await tasks.let(name);
	await Promise.all(all);
	expect(tasks.ended).toEqual(['soon', 'waited', 'late', 'first', 'in order']);
});

test.each([
	[1, 100],
	[5, 100],
	[20, 200],
])('begins with %d places no more than %d tasks that all wait', async (places, bound) => {
	const tasks = new Tasks(new Limiter(places));
	const names = Array.from({ length: bound + 10 }, (_, index) => `task ${index}`);
	const all = names.map(async (name) => await tasks.wait(name, 5));
	await setImmediate();
	expect(tasks.begun).toHaveLength(bound);
	// A task with a deadline isn't one of many items, so it needn't wait until they end.
	const urgent = tasks.work('urgent', 1);
	await setImmediate();
	expect(tasks.begun.at(-1)).toBe('urgent');
	await tasks.let('urgent');
	await urgent;
	// One ends, and the next begins.
	await tasks.let('task 0 waits');
	await tasks.let('task 0');
	expect(tasks.begun.slice(-2)).toEqual(['task 0', `task ${bound} waits`]);
	for (const name of names.slice(1)) {
		await tasks.let(`${name} waits`);
		await tasks.let(name);
	}
	await Promise.all(all);
	expect(tasks.ended).toHaveLength(names.length + 1);
});

test('rejects a task that is aborted while it is queued, and runs the others', async () => {
	const tasks = new Tasks(new Limiter(1));
	const abort = new AbortController();
	const first = tasks.work('first');
	const aborted = tasks.work('aborted', 5, abort.signal);
	const last = tasks.work('last');
	const reason = new Error('canceled');
	abort.abort(reason);
	await expect(aborted).rejects.toBe(reason);
	await expect(tasks.work('too late', 5, abort.signal)).rejects.toBe(reason);
	await tasks.let('first');
	await tasks.let('last');
	await Promise.all([first, last]);
	expect(tasks.begun).toEqual(['first', 'last']);
});

test('ends a task that is aborted while it waits for its place again, without a place to release', async () => {
	const tasks = new Tasks(new Limiter(1));
	const abort = new AbortController();
	const aborted = tasks.wait('aborted', 5, abort.signal);
	const others = [tasks.work('first'), tasks.work('second')];
	await setImmediate();
	await tasks.let('aborted waits');
	abort.abort(new Error('canceled'));
	await expect(aborted).rejects.toThrow('canceled');
	expect(tasks.begun).toEqual(['aborted waits', 'first']);
	await tasks.let('first');
	await tasks.let('second');
	await Promise.all(others);
});

test('does not abort a task that is working', async () => {
	const tasks = new Tasks(new Limiter(1));
	const abort = new AbortController();
	const working = tasks.work('working', 5, abort.signal);
	await setImmediate();
	abort.abort();
	await tasks.let('working');
	await working;
	expect(tasks.ended).toEqual(['working']);
});
