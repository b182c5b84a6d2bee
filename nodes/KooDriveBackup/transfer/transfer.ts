import type { IExecuteFunctions } from 'n8n-workflow';

import type { StoredFile } from '../../shared/api/files';
import {
	getSpace,
	LINKS_PER_REQUEST,
	listFiles,
	readContainerId,
	toStoredFile,
} from '../../shared/api/files';
import { readPages } from '../../shared/api/pages';
import type { Failure } from '../../shared/errors/failure';
import { getReason } from '../../shared/errors/reasons';
import { onFailure, RequestFailedError } from '../../shared/errors/failure';
import type { NodeExecution, Sender } from '../../shared/execution/nodeExecution';
import type { KooDriveResponse } from '../../shared/http/client';
import type { Clock } from '../../shared/http/clock';
import { Limiter, UNLIMITED } from '../../shared/http/limiter';
import type { KooDriveRequest } from '../../shared/http/request';
import type { RequestOptions } from '../../shared/http/retry';
import { Outage } from './outage';

/** Files that n8n holds in memory as a whole. Tests have smaller ones. */
export const HELD_FILES = {
	/** Bytes of those in transfer; a larger one is in transfer alone. */
	most: 512_000_000,
};

/** How many files are transferred at the same time unless the user says otherwise. */
export const DEFAULT_PARALLEL_TRANSFERS = 16;

/** What all transfers of one execution share. */
export class SharedTransfers {
	readonly limiter: Limiter;

	readonly outage: Outage;

	readonly memory = new MemoryBudget(HELD_FILES.most);

	/** Where n8n stores files, once it has stored one. */
	binaryMode: string | undefined;

	/** Off for the rest of the execution once KooDrive has rejected files that are offered by their hashes. */
	offersHashes = true;

	/** How many links one request asks for: 1 for the rest of the execution once KooDrive has rejected more. */
	linksPerRequest = LINKS_PER_REQUEST;

	constructor(
		readonly parallelTransfers: number,
		clock: Clock,
	) {
		this.limiter = new Limiter(parallelTransfers);
		this.outage = new Outage(clock);
	}
}

/** @param parallelTransfers counts where the transfers of the first item begin */
export function getSharedTransfers(
	execution: NodeExecution,
	parallelTransfers = DEFAULT_PARALLEL_TRANSFERS,
): SharedTransfers {
	return execution.once(
		SharedTransfers,
		() => new SharedTransfers(parallelTransfers, execution.clock),
	);
}

/** What the transfer of a file works with. */
export class Transfer {
	readonly context: IExecuteFunctions;

	readonly clock: Clock;

	/** Bytes of its file that have been moved so far, for the progress. */
	moved = 0;

	/**
	 * @param signal fires when the transfer is to end: the execution was stopped, or the lock is lost
	 * @param getLoss tells why the lock of the transfer was lost, if it was
	 */
	constructor(
		readonly execution: NodeExecution,
		readonly item: Pick<Sender, 'client' | 'policy'>,
		readonly shared: SharedTransfers,
		readonly signal: AbortSignal | undefined,
		private readonly getLoss: () => Failure | undefined = () => undefined,
	) {
		this.context = execution.context;
		this.clock = execution.clock;
	}

	/** @returns the same for a part of the work, with its own signal: Node.js 20 warns of more than ten listeners */
	fork(...signals: AbortSignal[]): Transfer {
		const { execution, item, shared, signal, getLoss } = this;
		const all = signal === undefined ? signals : [signal, ...signals];
		return new Transfer(execution, item, shared, AbortSignal.any(all), getLoss);
	}

	/**
	 * Sends a request to KooDrive, which is retried as long as there is no outage that lasts too long.
	 *
	 * @throws RequestFailedError
	 */
	async request(request: KooDriveRequest, options: RequestOptions = {}): Promise<KooDriveResponse> {
		await this.requireNoOutage();
		const { outage } = this.shared;
		const begunAt = outage.now();
		const deadline = outage.getTimeLeft();
		const { client, policy } = this.item;
		const { timeout } = policy;
		const all = { timeout, deadline, signal: this.signal, ...options };
		return await client.request(request, all).catch(
			onFailure((error) => {
				const { failure } = error;
				if (getReason(failure.reason).retryable) outage.markFailure(begunAt, failure);
				throw error;
			}),
		);
	}

	async listFiles(recordId: string): Promise<StoredFile[]> {
		const send = async (page: KooDriveRequest) => await this.request(page);
		return (await readPages(listFiles(recordId), Infinity, send)).map(toStoredFile);
	}

	/** @param spaceId names one of several individual spaces */
	async findContainerId(spaceId: string | undefined): Promise<string> {
		return await this.share(`space ${spaceId}`, async () => {
			const space = getSpace(this.item.client.userId, spaceId);
			const { body, attempts } = await this.request(space);
			const containerId = readContainerId(body);
			if (containerId !== undefined) return containerId;
			const detail = 'no container ID';
			throw new RequestFailedError({ reason: 'responseIncomplete', detail }, attempts);
		});
	}

	/** Runs a task once for all transfers of the execution that name it; see {@link NodeExecution.share}. */
	async share<Value>(name: string, task: () => Promise<Value>): Promise<Value> {
		return await this.execution.share({ ...this.item, place: UNLIMITED }, name, task);
	}

	/**
	 * @param isRetry whether the same has failed before
	 * @throws RequestFailedError when there is an outage that lasts too long, or the transfer is to end
	 */
	async requireNoOutage(isRetry = false): Promise<void> {
		this.requireActive();
		const { outage } = this.shared;
		const mayBegin = await outage.mayBegin(isRetry, this.signal);
		this.requireActive();
		if (!mayBegin) throw outage.toError();
	}

	/**
	 * Nothing may be written under a lock that was lost, or after a stop.
	 *
	 * @throws RequestFailedError
	 */
	requireActive(): void {
		const loss = this.getLoss();
		if (loss !== undefined) throw new RequestFailedError(loss);
		if (this.signal?.aborted === true) throw new RequestFailedError({ reason: 'canceled' });
	}

	/** @throws RequestFailedError when the transfer is to end */
	async sleep(milliseconds: number): Promise<void> {
		await this.clock.sleep(milliseconds, this.signal).catch(() => {
			throw new RequestFailedError({ reason: 'canceled' });
		});
	}
}

/** Runs the transfer of one item's file when it's its turn: without its place under Max Concurrency. */
export async function runTransfer<Value>(
	execution: NodeExecution,
	item: Sender,
	run: (transfer: Transfer) => Promise<Value>,
	getLoss?: () => Failure | undefined,
): Promise<Value> {
	const { cancelSignal, clock } = execution;
	const shared = getSharedTransfers(execution);
	const transfer = new Transfer(execution, item, shared, cancelSignal, getLoss);
	return await item.place.releaseDuring(
		async () =>
			await shared.limiter.run(Infinity, undefined, async () => {
				transfer.requireActive();
				return await run(transfer.fork());
			}),
		clock.monotonic(),
	);
}

/** Bounds the bytes of files that n8n holds in memory as a whole, where it does. */
class MemoryBudget {
	private used = 0;

	private isLifted = false;

	private readonly waiting: Array<{ bytes: number; start: () => void }> = [];

	/** @param most bytes; a file that is larger is in transfer alone */
	constructor(private readonly most: number) {}

	/** Lets everything begin, because n8n holds no file in memory. */
	lift(): void {
		this.isLifted = true;
		this.startWaiting();
	}

	/**
	 * Runs a task when the bytes that it needs are free. Tasks begin in order.
	 *
	 * @param bytes `undefined` where that isn't known: then it runs alone
	 * @throws what the task throws
	 */
	async run<Value>(bytes = this.most, task: () => Promise<Value>): Promise<Value> {
		await new Promise<void>((resolve) => {
			this.waiting.push({ bytes, start: resolve });
			this.startWaiting();
		});
		try {
			return await task();
		} finally {
			this.used -= bytes;
			this.startWaiting();
		}
	}

	private startWaiting(): void {
		for (let [next] = this.waiting; next !== undefined; [next] = this.waiting) {
			const fits = this.isLifted || this.used === 0 || this.used + next.bytes <= this.most;
			if (!fits) return;
			this.waiting.shift();
			this.used += next.bytes;
			next.start();
		}
	}
}
