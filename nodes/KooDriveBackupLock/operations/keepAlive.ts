import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { createLockIdField } from '../../shared/descriptions/lockId';
import { readBooleanOption } from '../../shared/descriptions/readBoolean';
import type { HoldOptions } from '../../shared/execution/nodeLeases';
import type { Operation } from '../../shared/execution/operation';
import { singleRequest } from '../../shared/execution/singleRequest';
import { toRenewLockRequest } from '../../shared/locks/lockRequests';
import { lockMessages } from '../../shared/locks/messages';
import type { LockInput } from '../lock';
import { includeLockDetailsOption, readLock, requireNotLost, toRenewedLock } from '../lock';
import { readRenewalTiming, renewalOptions, toHoldOptions } from '../renewal';

const releaseAtEndOption: INodeProperties = {
	displayName: 'Release at End',
	name: 'releaseAtEnd',
	type: 'boolean',
	default: false,
	description:
		'Whether to release the lock when the workflow ends, fails, or is stopped, unless a node has released it before',
};

/** Renews a lock until the workflow ends. Source: KooDrive API Reference, "Backup Lock Renewal". */
export const keepAlive: Operation = {
	option: {
		name: 'Keep Alive',
		value: 'keepAlive',
		action: 'Keep backup lock alive',
		description:
			'Renew a backup lock now and keep renewing it in the background until the workflow ends',
	},
	fields: [
		createLockIdField(
			'The ID of the lock, as the node that created it returned it. It is renewed in the background while the next nodes run.',
		),
	],
	options: [includeLockDetailsOption, releaseAtEndOption, ...renewalOptions],
	messages: { ...lockMessages, done: 'kept alive' },
	idField: 'lockId',
	execute: singleRequest({
		read: readKeepAlive,
		preflight: (input, leases) => {
			leases.requireSupport();
			return requireNotLost(input, leases);
		},
		toRequest: ({ lockId }) => toRenewLockRequest(lockId),
		// The next nodes need the ID, and KooDrive's response doesn't contain it.
		toOutput: (success) => ({ ...toRenewedLock(success), lockId: success.input.lockId }),
		onSuccess: ({ input, sentAt }, leases, item) =>
			leases.hold(input.lockId, item, input.hold, sentAt),
	}),
};

function readKeepAlive(item: ItemParameters): LockInput & { hold: HoldOptions } {
	const lock = readLock(item);
	const releaseAtEnd = readBooleanOption(item, releaseAtEndOption);
	const hold = toHoldOptions(lock.lockId, readRenewalTiming(item, 'options'), releaseAtEnd);
	return { ...lock, hold };
}
