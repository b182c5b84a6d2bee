import type { Failure } from '../../shared/errors/failure';
import type { Item } from '../../shared/execution/item';
import type { NodeExecution } from '../../shared/execution/nodeExecution';
import { getSharedTransfers } from './sharedTransfers';
import { Transfer } from './transfer';

/**
 * Runs the transfer of one item's file when it's its turn: memory is bounded by the files in transfer, not by Max
 * Concurrency.
 *
 * @param getLoss tells why the lock of the transfer was lost, if it was
 */
export async function runTransfer<Value>(
	execution: NodeExecution,
	item: Item<unknown>,
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
				return await run(transfer);
			}),
		clock.monotonic(),
	);
}
