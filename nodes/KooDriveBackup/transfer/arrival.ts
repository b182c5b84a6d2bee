import type { TimeLimit } from '../../shared/http/timeout';
import type { StoreResponse } from './objectStore';

/** What an attempt may take in addition to the time for its bytes, in milliseconds. */
export const ATTEMPT_TIMEOUT = 60_000;

/** The slowest rate of a transfer that isn't taken for a stalled one, in bytes per millisecond: 64 KiB/s. */
const SLOWEST_RATE = 65.536;

/** @returns the milliseconds that bytes may take */
export function getTransferTime(bytes: number): number {
	return bytes / SLOWEST_RATE;
}

/**
 * Limits the time of a download while its bytes arrive: it may stand still for a minute, or be slower than 64 KiB/s
 * for as long as it takes to fall a minute behind. When all have arrived, n8n gets the time to store them: it sends
 * them to S3 only then.
 *
 * n8n stores the stream itself, and a verified package can't import node:stream, so arriving chunks are seen where
 * Node.js adds them to the stream.
 *
 * @param onBytes is called for each chunk
 */
export function limitArrival(
	body: Extract<StoreResponse['body'], object>,
	limit: TimeLimit,
	onBytes: () => void,
): void {
	const push = body.push.bind(body);
	let arrived = 0;
	body.push = (chunk, encoding) => {
		const length = chunk?.length ?? 0;
		arrived += length;
		const left = limit.getTimeLeft() + getTransferTime(length);
		if (chunk === null) limit.setTimeLeft(ATTEMPT_TIMEOUT + getTransferTime(arrived));
		else limit.setTimeLeft(Math.min(ATTEMPT_TIMEOUT, left));
		onBytes();
		return push(chunk, encoding);
	};
}
