import type { ClientRequest } from 'node:http';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '#dist/nodes/shared/http/clock';
import type { SimulatedClock } from '../simulator/clock';

/**
 * How time passes:
 * - `automatic`: as soon as nothing is left to do but to sleep, the clock jumps to the end of the first sleep.
 * - `manual`: time stands still until a test calls {@link FakeClock.advance}.
 */
export type ClockMode = 'automatic' | 'manual';

interface Sleeper {
	/** When it wakes, by the monotonic clock. */
	due: number;
	wake: () => void;
	abort: () => void;
}

/** Turns of the event loop, all without an HTTP request in flight, after which nothing is left to do. */
const QUIET_TURNS = 10;

const REQUEST_START = 'http.client.request.start';
const requestsInFlight = new Set<ClientRequest>();
const onRequestStart = (message: unknown) => {
	const { request } = message as { request: ClientRequest };
	requestsInFlight.add(request);
	request.once('close', () => requestsInFlight.delete(request));
};
subscribe(REQUEST_START, onRequestStart);
// Node.js keeps subscribers alive: one left behind would keep the whole module registry of its test file.
if (typeof afterAll === 'function') afterAll(() => unsubscribe(REQUEST_START, onRequestStart));

/** The node's clock in tests. It moves the clock of the simulated service along, so both agree on the time. */
export class FakeClock implements Clock {
	/** The length of each sleep so far, in milliseconds. */
	readonly sleeps: number[] = [];

	/** How far the clock of the machine that runs n8n is ahead of the service's, in milliseconds. */
	ahead = 0;

	private readonly sleepers = new Set<Sleeper>();

	private isJumping = false;

	private isOver = false;

	/** @param service the clock of the simulated service; with rate 0, nothing but this clock moves it */
	constructor(
		private readonly service: SimulatedClock,
		private readonly mode: ClockMode = 'automatic',
	) {}

	/** Returns the largest jitter unless a test replaces it. */
	random = (): number => 0.999999;

	now(): number {
		return this.service.now() + this.ahead;
	}

	monotonic(): number {
		return this.service.monotonic();
	}

	/** How many sleeps are pending. */
	get sleeping(): number {
		return this.sleepers.size;
	}

	async sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void> {
		this.sleeps.push(milliseconds);
		abortSignal?.throwIfAborted();
		if (this.isOver) throw new Error('the test is over');
		await new Promise<void>((resolve, reject) => {
			const abort = () => {
				this.sleepers.delete(sleeper);
				reject(new Error('the sleep was aborted'));
			};
			const wake = () => {
				this.sleepers.delete(sleeper);
				abortSignal?.removeEventListener('abort', abort);
				resolve();
			};
			const sleeper = { due: this.monotonic() + milliseconds, wake, abort };
			this.sleepers.add(sleeper);
			abortSignal?.addEventListener('abort', abort);
			if (this.mode === 'automatic') void this.jump();
		});
	}

	/** Lets time pass, in milliseconds. Each sleep ends at its time, and what follows from it is done by then. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.monotonic() + milliseconds;
		while (await this.wakeFirst(end));
		this.service.advance(Math.max(0, end - this.monotonic()));
	}

	/** Lets time pass although requests are in flight, in milliseconds: such as while their bytes travel. */
	pass(milliseconds: number): void {
		this.service.advance(milliseconds);
		this.wakeDueBy(this.monotonic());
	}

	/** Aborts all sleeps, from now on too, so that nothing goes on after a test. */
	end(): void {
		this.isOver = true;
		for (const { abort } of this.sleepers) abort();
	}

	private async jump(): Promise<void> {
		if (this.isJumping) return;
		this.isJumping = true;
		while ((await this.wakeFirst(Infinity)) || this.sleepers.size > 0);
		this.isJumping = false;
	}

	/** Ends the sleeps that end first, if they do so by then; returns whether there were any. */
	private async wakeFirst(latest: number): Promise<boolean> {
		await settle();
		const due = Math.min(...[...this.sleepers].map((sleeper) => sleeper.due));
		if (this.sleepers.size === 0 || due > latest) return false;
		this.service.advance(Math.max(0, due - this.monotonic()));
		this.wakeDueBy(due);
		return true;
	}

	private wakeDueBy(time: number): void {
		for (const sleeper of this.sleepers) if (sleeper.due <= time) sleeper.wake();
	}
}

/** Waits until everything that can be done without time passing is done. */
async function settle(): Promise<void> {
	for (let quietTurns = 0; quietTurns < QUIET_TURNS; quietTurns++) {
		await setImmediate();
		if (requestsInFlight.size > 0 || isUsingFiles()) quietTurns = -1;
	}
}

/** A file is opened, read, or written by a `FSReq...`, and closed by a `CloseReq`. */
function isUsingFiles(): boolean {
	return process.getActiveResourcesInfo().some((resource) => /FSReq|CloseReq/.test(resource));
}
