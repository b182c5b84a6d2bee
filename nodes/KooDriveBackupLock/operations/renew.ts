import { createLockIdField } from '../../shared/descriptions/lockId';
import type { Operation } from '../../shared/execution/operation';
import { singleRequest } from '../../shared/execution/singleRequest';
import { toRenewLockRequest } from '../../shared/locks/lockRequests';
import { lockMessages } from '../../shared/locks/messages';
import { includeLockDetailsOption, readLock, requireNotLost, toRenewedLock } from '../lock';

/** Resets the validity of a lock to 10 minutes. Source: KooDrive API Reference, "Backup Lock Renewal". */
export const renew: Operation = {
	option: {
		name: 'Renew',
		value: 'renew',
		action: 'Renew backup lock',
		description: 'Renew a backup lock once: it then expires 10 minutes from now',
	},
	fields: [
		createLockIdField(
			'The ID of the lock, as the node that created it returned it. A lock expires after 10 minutes, so renew it every 4 minutes.',
		),
	],
	options: [includeLockDetailsOption],
	messages: { ...lockMessages, done: 'renewed' },
	idField: 'lockId',
	execute: singleRequest({
		read: readLock,
		preflight: requireNotLost,
		toRequest: ({ lockId }) => toRenewLockRequest(lockId),
		toOutput: toRenewedLock,
		onSuccess: ({ input, sentAt }, leases) => leases.markRenewed(input.lockId, sentAt),
	}),
};
