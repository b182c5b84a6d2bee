import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import type { StoredFile } from '../../shared/api/files';
import { getSpace, listFiles, readContainerId, toStoredFile } from '../../shared/api/files';
import { readPages } from '../../shared/api/pages';
import type { Failure } from '../../shared/errors/failure';
import { RequestFailedError } from '../../shared/errors/requestFailedError';
import type { Item } from '../../shared/execution/item';
import type { KooDriveResponse } from '../../shared/http/client';
import type { NodeExecution } from '../../shared/execution/nodeExecution';
import { parseRetryAfter } from '../../shared/http/httpDate';
import type { KooDriveRequest } from '../../shared/http/request';
import { failed } from '../../shared/http/result';
import { getBackoff } from '../../shared/http/retry';
import type { TimeLimit } from '../../shared/http/timeout';
import { CANCELED, TIMED_OUT, withTimeout } from '../../shared/http/timeout';
import { ATTEMPT_TIMEOUT, getTransferTime } from './arrival';
import type { FailedTransfer, StoreResponse } from './objectStore';
import { failedConnection, isTransient, sendToStore } from './objectStore';
import type { SharedTransfers } from './sharedTransfers';

/** An expired link is replaced this many times in a row. */
const MAX_NEW_LINKS = 2;

/** Gets the link for a request; a new one where the last was rejected as expired. */
export type GetLink = (isExpired: boolean) => Promise<string>;

/** Requests to KooDrive and its object store, as the transfer of a file needs them: they outlast long outages. */
export class Transfer {
	readonly context: IExecuteFunctions;

	/**
	 * @param signal fires when the transfer is to end: the user has stopped the execution, or its lock is lost
	 * @param getLoss tells why the lock of the transfer was lost, if it was
	 */
	constructor(
		readonly execution: NodeExecution,
		readonly item: Pick<Item<unknown>, 'client' | 'policy'>,
		readonly shared: SharedTransfers,
		readonly signal: AbortSignal | undefined,
		private readonly getLoss: () => Failure | undefined = () => undefined,
	) {
		this.context = execution.context;
	}

	/**
	 * Sends a request to KooDrive.
	 *
	 * @throws RequestFailedError when it fails for good, or the lock is lost
	 */
	async request(request: KooDriveRequest): Promise<KooDriveResponse> {
		const { item, shared, signal } = this;
		this.requireActive();
		const response = await item.client.request(request, {
			timeout: item.policy.timeout,
			deadline: Math.max(0, shared.getTimeLeft()),
			signal,
		});
		shared.markProgress();
		return response;
	}

	async listFiles(recordId: string): Promise<StoredFile[]> {
		const send = async (page: KooDriveRequest) => await this.request(page);
		return (await readPages(listFiles(recordId), Infinity, send)).map(toStoredFile);
	}

	async findContainerId(): Promise<string> {
		const { body } = await this.request(getSpace(this.item.client.userId));
		const containerId = readContainerId(body);
		if (containerId !== undefined) return containerId;
		throw new RequestFailedError({ reason: 'responseIncomplete', detail: 'no container ID' });
	}

	/**
	 * Sends a request to the object store, until it succeeds or nothing at all has succeeded for nine minutes.
	 *
	 * @param finish takes what the response contains, within the attempt's time; it may throw a RequestFailedError
	 * @throws RequestFailedError when it fails for good
	 */
	async exchange<Value>(
		getLink: GetLink,
		options: Pick<IHttpRequestOptions, 'method' | 'headers' | 'body'>,
		finish: (response: StoreResponse, limit: TimeLimit) => Promise<Value>,
	): Promise<Value> {
		const { clock } = this.execution;
		let newLinks = 0;
		let failedSince: number | undefined;
		for (let attempt = 1; ; attempt++) {
			this.requireActive();
			const url = await getLink(newLinks > 0);
			const result = await this.attempt(url, options, finish);
			if (result.ok) {
				this.shared.markProgress();
				return result.value;
			}
			const { failure } = result;
			if (failure.reason === 'linkExpired' && ++newLinks <= MAX_NEW_LINKS) continue;
			const requested = parseRetryAfter(failure.retryAfter, clock.now()) ?? 0;
			const wait = Math.max(requested, getBackoff(attempt, clock));
			failedSince ??= clock.monotonic();
			if (!isTransient(result) || wait > this.shared.getRetryTime(failedSince)) {
				throw new RequestFailedError(failure);
			}
			newLinks = 0;
			await this.sleep(wait);
		}
	}

	private async attempt<Value>(
		url: string,
		options: Pick<IHttpRequestOptions, 'method' | 'headers' | 'body'>,
		finish: (response: StoreResponse, limit: TimeLimit) => Promise<Value>,
	): Promise<{ ok: true; value: Value } | FailedTransfer> {
		const sent = Buffer.isBuffer(options.body) ? options.body.length : 0;
		let response: StoreResponse | undefined;
		try {
			return await withTimeout(
				ATTEMPT_TIMEOUT + getTransferTime(sent),
				this.signal,
				async (signal, limit) => {
					const result = await sendToStore(this.context, url, options, signal);
					if (!result.ok) return result;
					({ response } = result);
					return { ok: true, value: await finish(response, limit) };
				},
			);
		} catch (error) {
			if (typeof response?.body === 'object') response.body.destroy();
			if (error instanceof RequestFailedError) return { ok: false, failure: error.failure };
			if (error === CANCELED) return failed('canceled');
			return failedConnection(url, error === TIMED_OUT ? 'timed out' : 'interrupted');
		}
	}

	/** Ends the reading of a file when the transfer is to end. */
	async *whileActive(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
		for await (const chunk of bytes) {
			this.requireActive();
			yield chunk;
		}
	}

	/** @returns the same transfer, which another signal ends too */
	withSignal(signal: AbortSignal): Transfer {
		const { execution, item, shared, getLoss } = this;
		const both = this.signal === undefined ? signal : AbortSignal.any([this.signal, signal]);
		return new Transfer(execution, item, shared, both, getLoss);
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

	private async sleep(milliseconds: number): Promise<void> {
		await this.execution.clock.sleep(milliseconds, this.signal).catch(() => {
			throw new RequestFailedError({ reason: 'canceled' });
		});
	}
}
