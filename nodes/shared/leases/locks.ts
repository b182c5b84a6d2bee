import type { IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { createLock, readCreatedLock } from '../api/locks';
import type { Failure } from '../errors/failure';
import { failAt, RequestFailedError } from '../errors/failure';
import type { Item, NodeExecution, Sender } from '../execution/nodeExecution';
import { nameSubject } from '../execution/messages';
import type { Clock } from '../http/clock';
import { letFinish } from '../http/clock';
import { LONG_DEADLINE } from '../http/retry';
import { getLeaseExecution, leaseRegistry } from './leaseRegistry';
import type { Lease } from './leaseRenewer';
import {
	CLOCK_CHECK_PERIOD,
	finishRenewers,
	LeaseRenewer,
	RELEASE_TIMEOUT,
	SuspensionDetector,
} from './leaseRenewer';
import { lockMessages } from './lockMessages';

/** When a lock is renewed in the background, in milliseconds. */
export type RenewalTiming = Required<Pick<Lease, 'renewEvery' | 'stopAfter'>>;

/**
 * Renews a lock in the background from now on, until the execution ends.
 *
 * @param renewedAt when it was last renewed, by the monotonic clock, in milliseconds
 */
export function keepAlive(
	lockId: string,
	item: Sender,
	execution: NodeExecution,
	{ releaseAtEnd, ...timing }: RenewalTiming & { releaseAtEnd: boolean },
	renewedAt: number,
): void {
	const { context, clock, limiter } = execution;
	const lease = { ...toLease(lockId, item, execution, releaseAtEnd), ...timing, limiter };
	leaseRegistry.start(getLeaseExecution(context), lease, renewedAt, clock);
}

function toLease(
	lockId: string,
	{ client, policy }: Sender,
	execution: NodeExecution,
	releaseAtEnd: boolean,
): Omit<Lease, 'renewEvery'> {
	const name = `${nameSubject(lockMessages, lockId)} of execution ${execution.id}`;
	const { logger } = execution.context;
	return { name, lockId, client, policy, releaseAtEnd, logger };
}

/** @throws RequestFailedError when the execution has lost the lock: nothing can be done under it */
export function requireNotLost({ lockId }: { lockId: string }, execution: NodeExecution): void {
	const loss = getLoss(lockId, execution);
	if (loss !== undefined) throw new RequestFailedError(loss);
}

/** @returns why and when the execution has lost the lock; `undefined` where it's held, or not kept alive */
export function getLoss(lockId: string, execution: NodeExecution): Failure | undefined {
	return leaseRegistry.get(execution.id, lockId)?.getLoss();
}

/** @throws UserError when this n8n doesn't notify a node when its execution ends: then nothing would end a lease */
export function requireFinishHandler(
	context: Partial<Pick<IExecuteFunctions, 'onExecutionFinish'>>,
): void {
	if (typeof context.onExecutionFinish === 'function') return;
	throw new UserError(
		"'Keep Alive' requires n8n 2.33 or later, because earlier versions don't notify a node when the workflow ends. Update n8n.",
	);
}

/**
 * Milliseconds from the sending of one renewal to the next. A lease isn't lost before nine minutes without a renewal,
 * so it outlasts an outage of eight minutes, whenever that begins.
 */
const RENEW_EVERY = 30_000;

/** Milliseconds in which the creation of a lock may still finish after a stop. */
const FINISH_CREATION = 5_000;

/** Milliseconds in which a release is tried at least. */
const SHORTEST_RELEASE = 2_000;

/** A lock that is renewed in the background while a task runs under it. */
export interface HeldLock {
	lockId: string;
	/** @returns why and when the lock was lost; `undefined` while it can be used */
	getLoss: () => Failure | undefined;
	/** Fires when the task is to stop, because the lock is lost or the execution was canceled. */
	stopSignal: AbortSignal;
}

/**
 * Runs a task of one item under its own lock: creates the lock, renews it in the background while the task
 * runs, and releases it within 15 seconds, whatever came of the task. Renewals don't wait for other requests. They end
 * with the task, so that n8n needs to tell nothing about the end of the execution. Items with the same credential and
 * module code take turns: that KooDrive gives out a second lock while the first is held is said nowhere. A second
 * one is requested only if the response to the first request was lost. If KooDrive rejects that, the task fails.
 *
 * @param task must end soon after the lock's `stopSignal` fires; a place that it lost by that can't be used again
 * @returns what the task returns
 * @throws RequestFailedError when the lock couldn't be created, or was lost while a request of the task was sent; else
 * what the task throws
 */
export async function holdLock<Result>(
	item: Item<unknown>,
	execution: NodeExecution,
	moduleCode: string,
	task: (lock: HeldLock) => Promise<Result>,
): Promise<Result> {
	return await takeTurn(item, execution, moduleCode, async () => {
		const { lockId, createdAt } = await createHeldLock(item, execution, moduleCode);
		const lease = { ...toLease(lockId, item, execution, true), renewEvery: RENEW_EVERY };
		const renewer = new LeaseRenewer(lease, execution.clock, createdAt);
		return await runUnder(renewer, lockId, execution, task);
	});
}

async function createHeldLock(
	item: Item<unknown>,
	execution: NodeExecution,
	moduleCode: string,
): Promise<{ lockId: string; createdAt: number }> {
	const failedStep = "the backup lock couldn't be created";
	// Repeating it does no harm: a lock whose response was lost is used by nothing, and expires after 10 minutes.
	const request = { ...createLock(moduleCode), idempotent: true };
	const { clock, cancelSignal: stopSignal } = execution;
	if (stopSignal?.aborted === true) throw new RequestFailedError({ reason: 'canceled' });
	// What is created after a stop can be released only if its ID arrives.
	const { client, policy, place } = item;
	const options = { timeout: policy.timeout, place, deadline: LONG_DEADLINE, stopSignal };
	const create = async (signal: AbortSignal) =>
		await client.request(request, { ...options, signal });
	const { body, attempts } = await letFinish(stopSignal, FINISH_CREATION, clock, create).catch(
		failAt(failedStep),
	);
	const lock = readCreatedLock(body);
	if (lock !== undefined) return { lockId: lock.lockId, createdAt: attempts.startedAt };
	throw new RequestFailedError({ reason: 'responseIncomplete', failedStep }, attempts);
}

async function runUnder<Result>(
	renewer: LeaseRenewer,
	lockId: string,
	{ clock, cancelSignal }: NodeExecution,
	task: (lock: HeldLock) => Promise<Result>,
): Promise<Result> {
	const lost = new AbortController();
	const over = new AbortController();
	// Nothing but a loss ends the renewals before the task ends.
	void renewer.run().then(() => lost.abort());
	void renewAfterSuspension(renewer, clock, over.signal);
	const getLoss = () => renewer.getLoss();
	const stopSignal =
		cancelSignal === undefined ? lost.signal : AbortSignal.any([lost.signal, cancelSignal]);
	let stoppedAt = Infinity;
	const noteStop = () => (stoppedAt = clock.monotonic());
	if (stopSignal.aborted) noteStop();
	stopSignal.addEventListener('abort', noteStop, { once: true });
	try {
		return await task({ lockId, getLoss, stopSignal });
	} catch (error) {
		throw toLossIfCanceled(error, getLoss());
	} finally {
		over.abort();
		// After a stop, everything ends within that time.
		const left = RELEASE_TIMEOUT - Math.max(0, clock.monotonic() - stoppedAt);
		await finishRenewers([renewer], clock, Math.max(SHORTEST_RELEASE, left));
	}
}

/** A request that ended because the lock is lost was not canceled by the user. */
function toLossIfCanceled(error: unknown, loss: Failure | undefined): unknown {
	const isCanceled = error instanceof RequestFailedError && error.failure.reason === 'canceled';
	return isCanceled && loss !== undefined ? error.with({ failure: loss }) : error;
}

async function renewAfterSuspension(
	renewer: LeaseRenewer,
	clock: Clock,
	over: AbortSignal,
): Promise<void> {
	const detector = new SuspensionDetector(clock);
	for (;;) {
		try {
			await clock.sleep(CLOCK_CHECK_PERIOD, over);
		} catch {
			return;
		}
		if (detector.wasSuspended()) renewer.renewNow();
	}
}

/** Runs a task of an item after those that other items of the same client and module code began before. */
async function takeTurn<Result>(
	{ client, place }: Item<unknown>,
	execution: NodeExecution,
	moduleCode: string,
	task: () => Promise<Result>,
): Promise<Result> {
	const lastTurns = execution.once(takeTurn, () => new Map<unknown, Map<string, Promise<void>>>());
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
