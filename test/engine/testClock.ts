import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../dist/nodes/shared/retry/clock';
import type { SimulatedClock } from '../simulator/clock';

/** A clock that waits in no time: it moves the simulated service's clock along instead. */
export class TestClock implements Clock {
	/** What was waited for, in milliseconds. */
	readonly waits: number[] = [];

	/** How far the clock of the machine that n8n runs on is ahead of the service's, in milliseconds. */
	ahead = 0;

	/** What chance brings: the waits are as long as they can be unless a test says otherwise. */
	chance = () => 0.999999;

	private isOver = false;

	/** What the monotonic clock counts from, which has nothing to do with the time of day. */
	private readonly origin: number;

	constructor(private readonly service: SimulatedClock) {
		this.origin = service.monotonic();
	}

	now(): number {
		return this.service.now() + this.ahead;
	}

	monotonic(): number {
		return this.service.monotonic() - this.origin;
	}

	async sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void> {
		this.waits.push(milliseconds);
		// Those who wait at the same time wait together, so the clock moves by the longest wait, not by the sum.
		const due = this.service.monotonic() + milliseconds;
		await setImmediate();
		abortSignal?.throwIfAborted();
		if (this.isOver) throw new Error('the test is over');
		this.service.advance(Math.max(0, due - this.service.monotonic()));
	}

	/** Ends all sleeps, now and from now on, so that nothing goes on after a test. */
	end(): void {
		this.isOver = true;
	}

	random(): number {
		return this.chance();
	}
}
