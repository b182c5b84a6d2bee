import type { KooDriveRequest } from '../http/request';

/** More than one execution repeats; what is older is forgotten first. */
const MAX_REMEMBERED = 10_000;

/**
 * What was released or deleted, by execution. n8n's Retry On Fail runs a node again with all its items, and
 * KooDrive then rejects those that succeeded the first time.
 */
class CompletedRequests {
	private readonly keys = new Set<string>();

	add(executionId: string, request: KooDriveRequest): void {
		this.keys.add(toKey(executionId, request));
		if (this.keys.size <= MAX_REMEMBERED) return;
		const [oldest] = this.keys;
		this.keys.delete(oldest!);
	}

	has(executionId: string, request: KooDriveRequest): boolean {
		return this.keys.has(toKey(executionId, request));
	}
}

function toKey(executionId: string, { method, path, headers }: KooDriveRequest): string {
	return JSON.stringify([executionId, method, path, headers]);
}

/** Those of this n8n process. */
export const completedRequests = new CompletedRequests();
