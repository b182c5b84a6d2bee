import type { IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { describeFailure, explainFailure } from '../errors/describeFailure';
import type { Failure } from '../errors/failure';
import type { KooDriveClient } from '../http/client';
import type { Clock } from '../http/clock';
import type { Limiter } from '../http/limiter';
import type { KooDriveRequest } from '../http/request';
import type { RequestResult } from '../http/result';
import { failed } from '../http/result';
import type { RetryPolicy } from '../http/retry';
import { requestWithRetries } from '../http/retry';
import type { LeaseExecution } from '../leases/leaseExecution';
import { getLeaseExecution } from '../leases/leaseExecution';
import type { LeaseRegistry } from '../leases/leaseRegistry';
import type { LeaseRequestSignals } from '../leases/leaseRenewer';
import type { Item } from './item';
import type { OperationMessages } from './operation';
import { nameSubject } from './output';

/** How a lease is held in the background. */
export interface HoldOptions {
	renewal: KooDriveRequest;
	/** Sent when the execution ends, if that is wanted. */
	release?: KooDriveRequest;
	/** Milliseconds from the sending of one renewal to the next. */
	renewEvery: number;
	/** Milliseconds after which it's renewed no longer, whatever the execution does. */
	stopAfter: number;
}

/** The leases of the execution that a node runs in, by lock ID. */
export class NodeLeases {
	private readonly execution: LeaseExecution;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly messages: OperationMessages,
		private readonly clock: Clock,
		private readonly limiter: Limiter,
		private readonly registry: LeaseRegistry,
	) {
		this.execution = getLeaseExecution(context);
	}

	/** @throws UserError when this n8n doesn't notify a node when its execution ends */
	requireSupport(): void {
		requireFinishHandler(this.context);
	}

	/**
	 * Renews a lock from now on, until the execution ends.
	 *
	 * @param item whose credential and options are used
	 * @param renewedAt when it was last renewed, by the monotonic clock, in milliseconds
	 */
	hold(id: string, { client, policy }: Item, options: HoldOptions, renewedAt: number): void {
		const { clock, limiter, messages, context, execution } = this;
		const { renewal, release, renewEvery, stopAfter } = options;
		const send = (request: KooDriveRequest) => async (signals: LeaseRequestSignals) =>
			await sendForLease(request, policy, client, limiter, clock, signals);
		const name = `${nameSubject(messages, id)} of execution ${execution.id}`;
		const lease = {
			name,
			renew: send(renewal),
			...(release !== undefined && { release: send(release) }),
			renewEvery,
			stopAfter,
			explain: (failure: Failure) => explainFailure(failure, messages.reasons),
			describe: (failure: Failure) => describeFailure(failure, name, messages.reasons),
			logger: context.logger,
		};
		this.registry.start(execution, id, lease, renewedAt, clock);
	}

	/** Notes a renewal, of a lock that may be held; `at` is by the monotonic clock, in milliseconds. */
	markRenewed(id: string, at: number): void {
		this.registry.markRenewed(this.execution.id, id, at);
	}

	/** @returns why and when a lock was lost that was held; `undefined` where it wasn't */
	getLoss(id: string): Failure | undefined {
		return this.registry.getLoss(this.execution.id, id);
	}

	/** Stops holding a lock; afterwards no renewal is in flight. Returns a loss as `getLoss` does. */
	async end(id: string): Promise<Failure | undefined> {
		return await this.registry.end(this.execution.id, id);
	}
}

/**
 * Sends a request of a lease. It never throws. No circuit breaker: an outage that a node met doesn't concern it.
 */
async function sendForLease(
	request: KooDriveRequest,
	policy: RetryPolicy,
	client: KooDriveClient,
	limiter: Limiter,
	clock: Clock,
	{ cancelSignal, stopSignal, expiresAt }: LeaseRequestSignals,
): Promise<RequestResult> {
	try {
		return await limiter.run(expiresAt, stopSignal, async (place) => {
			const scope = { client, clock, place, cancelSignal, stopSignal };
			return await requestWithRetries(request, policy, scope);
		});
	} catch {
		// Stopped before it was its turn.
		return { ...failed('canceled'), attempts: { count: 0, outcomeUnknown: false, startedAt: 0 } };
	}
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
