import { renewLock } from '../../shared/api/locks';
import { lockIdField } from '../../shared/execution/commonFields';
import { defineRequest } from '../../shared/execution/requestOperation';
import { leaseRegistry } from '../../shared/leases/leaseRegistry';
import { lockMessages } from '../../shared/leases/lockMessages';
import { requireNotLost } from '../../shared/leases/locks';
import { includeLockDetails, toRenewedLock } from '../lock';

/** Resets the validity of a lock to 10 minutes. */
export const renew = defineRequest({
	option: {
		name: 'Renew',
		value: 'renew',
		action: 'Renew backup lock',
		description: 'Renew a backup lock once: it then expires 10 minutes from now',
	},
	fields: {
		lockId: lockIdField(
			'The ID of the lock, as the node that created it returned it. A lock expires after 10 minutes, so renew it every 4 minutes.',
		),
	},
	options: { includeLockDetails },
	messages: { ...lockMessages, done: 'renewed' },
	idField: 'lockId',
	prepare: requireNotLost,
	toRequest: ({ lockId }) => renewLock(lockId),
	toOutput: toRenewedLock,
	onSuccess: ({ attempts }, { values: { lockId } }, execution) =>
		leaseRegistry.get(execution.id, lockId)?.markRenewed(attempts.startedAt),
});
