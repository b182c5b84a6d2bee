import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '#dist/nodes/shared/http/clock';
import type { SimulatedClock } from '../simulator/clock';
import { nameConnection } from '../simulator/clock';

/**
 * How time passes:
 * - `automatic`: as soon as nothing is left to do but to sleep, the clock jumps to the end of the first sleep.
 * - `manual`: time stands still until a test calls {@link FakeClock.advance}.
 */
export type ClockMode = 'automatic' | 'manual';

/** Turns of the event loop in which nothing happens, after which nothing is left to do. */
const QUIET_TURNS = 10;

// n8n opens a connection for each request. Node.js 20 reports a request only when its whole body has been sent.
const NEW_CONNECTION = 'net.client.socket';
const connections = new Set<Socket>();
const onConnection = (message: unknown) => {
	const { socket } = message as { socket: Socket };
	connections.add(socket);
	socket.once('close', () => connections.delete(socket));
};
subscribe(NEW_CONNECTION, onConnection);
// Node.js keeps subscribers alive: one left behind would keep the whole module registry of its test file.
if (typeof afterAll === 'function') afterAll(() => unsubscribe(NEW_CONNECTION, onConnection));

/** The node's clock in tests. It moves the clock of the simulated service along, so both agree on the time. */
export class FakeClock implements Clock {
	/** The length of each sleep so far, in milliseconds. */
	readonly sleeps: number[] = [];

	/** How far the clock of the machine that runs n8n is ahead of the service's, in milliseconds. */
	ahead = 0;

	/** How many sleeps of the node are pending. */
	sleeping = 0;

	private isJumping = false;

	private isOver = false;

	/** @param service the clock of the simulated service; with rate 0, nothing but this clock moves it */
	constructor(
		private readonly service: SimulatedClock,
		mode: ClockMode = 'automatic',
	) {
		if (mode === 'automatic') service.onSleep = () => void this.jump();
	}

	/** Returns the largest jitter unless a test replaces it. */
	random = (): number => 0.999999;

	now(): number {
		return this.service.now() + this.ahead;
	}

	monotonic(): number {
		return this.service.monotonic();
	}

	async sleep(milliseconds: number, abortSignal?: AbortSignal): Promise<void> {
		this.sleeps.push(milliseconds);
		abortSignal?.throwIfAborted();
		if (this.isOver) throw new Error('the test is over');
		this.sleeping++;
		const awake = this.service.sleep(milliseconds, abortSignal);
		await awake.finally(() => this.sleeping--);
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
		this.service.wake();
	}

	/** Aborts all sleeps, from now on too, so that nothing goes on after a test. */
	end(): void {
		this.isOver = true;
		this.service.abortSleeps();
	}

	private async jump(): Promise<void> {
		if (this.isJumping) return;
		this.isJumping = true;
		while (this.service.firstDue < Infinity) await this.wakeFirst(Infinity);
		this.isJumping = false;
	}

	/** Ends the sleeps that end first, if they do so by then; returns whether there were any. */
	private async wakeFirst(latest: number): Promise<boolean> {
		await this.settle();
		const due = this.service.firstDue;
		if (due === Infinity || due > latest) return false;
		this.service.advance(Math.max(0, due - this.monotonic()));
		this.service.wake(due);
		return true;
	}

	/** Waits until everything that can be done without time passing is done. */
	private async settle(): Promise<void> {
		this.forgetClosedConnections();
		let traffic = this.traffic;
		for (let quietTurns = 0; quietTurns < QUIET_TURNS; quietTurns++) {
			await setImmediate();
			if (this.isAnyRequestInProgress() || isUsingFiles()) quietTurns = -1;
			else if (connections.size > 0 && traffic !== this.traffic) {
				({ traffic } = this);
				quietTurns = -1;
			}
		}
	}

	/** Otherwise, a new connection with the same ports would count as waiting until its request has arrived. */
	private forgetClosedConnections(): void {
		const { waiting } = this.service;
		const open = new Set([...connections].map(nameOf));
		for (const name of waiting) if (!open.has(name)) waiting.delete(name);
	}

	/** A request that waits for the clock, or for its own client, is in flight but not in progress. */
	private isAnyRequestInProgress(): boolean {
		return [...connections].some((connection) => !this.service.waiting.has(nameOf(connection)));
	}

	/** Bytes that clients and services have sent and received, each counted from an instant of its own. */
	private get traffic(): number {
		let bytes = this.service.traffic;
		for (const { bytesRead, bytesWritten } of connections) bytes += bytesRead + bytesWritten;
		return bytes;
	}
}

function nameOf({ localPort, remotePort }: Socket): string {
	return nameConnection(localPort, remotePort);
}

/** A file is opened, read, or written by a `FSReq...`, and closed by a `CloseReq`. */
function isUsingFiles(): boolean {
	return process.getActiveResourcesInfo().some((resource) => /FSReq|CloseReq/.test(resource));
}
