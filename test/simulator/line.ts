import type { SimulatedClock } from './clock';

/** The line between clients and the simulated services, which all their connections share. */
export class Line {
	/** Bytes per second from clients to services. */
	up = Infinity;

	/** Bytes per second from services to clients. */
	down = Infinity;

	/** Milliseconds of a round trip. */
	roundTrip = 0;

	/** When the bytes that were accepted so far will have passed, by the monotonic clock. */
	private readonly free = { up: 0, down: 0 };

	constructor(private readonly clock: SimulatedClock) {}

	/** Whether the bytes of bodies take time. */
	isLimited(direction: 'up' | 'down'): boolean {
		return this[direction] < Infinity;
	}

	/** Ends when these bytes have passed, in the order in which they were accepted. */
	async pass(direction: 'up' | 'down', bytes: number): Promise<void> {
		if (!this.isLimited(direction) || bytes === 0) return;
		const now = this.clock.monotonic();
		const begins = Math.max(now, this.free[direction]);
		this.free[direction] = begins + (bytes / this[direction]) * 1_000;
		await this.clock.sleep(this.free[direction] - now);
	}
}
