import type { Failure } from '../errors/failure';
import { describeFailure, explainFailure } from '../errors/describeFailure';
import type { Item } from '../execution/item';
import type { NodeExecution } from '../execution/nodeExecution';
import { nameSubject } from '../execution/output';
import { UNLIMITED } from '../http/limiter';
import type { KooDriveRequest } from '../http/request';
import type { RequestResult } from '../http/result';
import { RequestFailedError, toRequestFailedError } from '../http/result';
import { requestWithRetries } from '../http/retry';
import type { HeldLease } from '../leases/holdWhile';
import { holdWhile } from '../leases/holdWhile';
import type { LeaseOptions, LeaseRequestSignals } from '../leases/leaseRenewer';
import {
	readCreatedLock,
	toCreateLockRequest,
	toReleaseLockRequest,
	toRenewLockRequest,
} from './lockRequests';
import { lockMessages } from './messages';
import { takeTurn } from './turns';

/**
 * Milliseconds from the sending of one renewal to the next. A lease isn't lost before nine minutes without a renewal,
 * so it outlasts an outage of eight minutes, whenever that begins.
 */
const RENEW_EVERY = 30_000;

/** A lock that is renewed in the background while a task runs under it. */
export interface HeldLock extends HeldLease {
	lockId: string;
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
	item: Item,
	execution: NodeExecution,
	moduleCode: string,
	task: (lock: HeldLock) => Promise<Result>,
): Promise<Result> {
	const { cancelSignal, clock } = execution;
	return await takeTurn(item, moduleCode, async () => {
		// Repeating it does no harm: a lock whose response was lost is used by nothing, and expires after 10 minutes.
		const request = { ...toCreateLockRequest(moduleCode), idempotent: true };
		const created = await execution.send(item, request);
		const lockId = requireLockId(created);
		const lease = toLeaseOptions(item, execution, lockId);
		return await holdWhile(lease, created.attempts.startedAt, clock, async (held) => {
			const signals = [held.lostSignal, ...(cancelSignal === undefined ? [] : [cancelSignal])];
			try {
				return await task({ ...held, lockId, stopSignal: AbortSignal.any(signals) });
			} catch (error) {
				throw toLossIfCanceled(error, held.getLoss());
			}
		});
	});
}

function requireLockId(created: RequestResult): string {
	const lock = created.ok ? readCreatedLock(created.body.data) : undefined;
	if (lock !== undefined) return lock.lockId;
	throw toRequestFailedError(created, "the backup lock couldn't be created");
}

/** A request that ended because the lock is lost was not canceled by the user. */
function toLossIfCanceled(error: unknown, loss: Failure | undefined): unknown {
	const isCanceled = error instanceof RequestFailedError && error.failure.reason === 'canceled';
	if (!isCanceled || loss === undefined) return error;
	const { failure, attempts } = error;
	const { failedStep, notes } = failure;
	return new RequestFailedError({ ...loss, failedStep, notes }, attempts);
}

function toLeaseOptions(
	item: Item,
	{ clock, context }: NodeExecution,
	lockId: string,
): Omit<LeaseOptions, 'stopAfter'> {
	const name = `${nameSubject(lockMessages, lockId)} of execution ${context.getExecutionId()}`;
	const send =
		(request: KooDriveRequest) =>
		async ({ cancelSignal, stopSignal }: LeaseRequestSignals) =>
			await requestWithRetries(request, item.policy, {
				client: item.client,
				clock,
				place: UNLIMITED,
				cancelSignal,
				stopSignal,
			});
	return {
		name,
		renew: send(toRenewLockRequest(lockId)),
		release: send(toReleaseLockRequest(lockId)),
		renewEvery: RENEW_EVERY,
		explain: (failure: Failure) => explainFailure(failure, lockMessages.reasons),
		describe: (failure: Failure) => describeFailure(failure, name, lockMessages.reasons),
		logger: context.logger,
	};
}
