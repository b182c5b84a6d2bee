import { setImmediate, setTimeout } from 'node:timers/promises';

import type { Clock } from '../../dist/nodes/shared/retry/clock';
import type { SimulatedClock } from '../simulator/clock';

interface Sleeper {
	due: number;
	wake: () => void;
	end: () => void;
}

/** How long, in real milliseconds, somebody who was woken is given to send what he sends and to sleep again. */
const GIVEN = 300;

/** A clock that stands still until a test lets time pass; then everybody who sleeps wakes at his time, in turn. */
export class HeldClock implements Clock {
	/** How far the clock of the machine that n8n runs on is ahead of the service's, in milliseconds. */
	ahead = 0;

	/** What chance brings. */
	chance = (): number => 0;

	private readonly sleepers = new Set<Sleeper>();

	private isOver = false;

	/** @param service the clock of the simulated service; it is to stand still by itself */
	constructor(protected readonly service: SimulatedClock) {}

	now(): number {
		return this.service.now() + this.ahead;
	}

	monotonic(): number {
		return this.service.monotonic();
	}

	random(): number {
		return this.chance();
	}

	/** How many sleep now. */
	get asleep(): number {
		return this.sleepers.size;
	}

	async sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void> {
		abortSignal?.throwIfAborted();
		if (this.isOver) throw new Error('the test is over');
		await new Promise<void>((resolve, reject) => {
			const end = () => {
				this.sleepers.delete(sleeper);
				reject(new Error('the sleep was ended'));
			};
			const wake = () => {
				abortSignal?.removeEventListener('abort', end);
				resolve();
			};
			const sleeper = { due: this.monotonic() + milliseconds, wake, end };
			this.sleepers.add(sleeper);
			abortSignal?.addEventListener('abort', end);
		});
	}

	/** Ends all sleeps, now and from now on, so that nothing goes on after a test. */
	end(): void {
		this.isOver = true;
		for (const { end } of this.sleepers) end();
	}

	/** Lets time pass, in milliseconds. */
	async pass(milliseconds: number): Promise<void> {
		const end = this.monotonic() + milliseconds;
		while (!this.isOver) {
			const [next] = [...this.sleepers]
				.filter(({ due }) => due <= end)
				.sort((one, other) => one.due - other.due);
			this.service.advance(Math.max(0, (next?.due ?? end) - this.monotonic()));
			if (next === undefined) return;
			const before = this.asleep;
			this.sleepers.delete(next);
			next.wake();
			await this.settle(before);
		}
	}

	/** Wakes all whose time has come. */
	protected wakeWhoIsDue(): void {
		for (const sleeper of this.sleepers) {
			if (sleeper.due > this.monotonic()) continue;
			this.sleepers.delete(sleeper);
			sleeper.wake();
		}
	}

	/** Waits until as many sleep again, or those who were woken have had time to end. */
	private async settle(asleep: number): Promise<void> {
		const until = Date.now() + GIVEN;
		do await setImmediate();
		while (this.asleep < asleep && Date.now() < until && (await setTimeout(1, true)));
	}
}
