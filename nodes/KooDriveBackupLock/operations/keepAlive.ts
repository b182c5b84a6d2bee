import { renewLock } from '../../shared/api/locks';
import { lockIdField } from '../../shared/execution/commonFields';
import { booleanField } from '../../shared/execution/fields';
import { defineRequest } from '../../shared/execution/requestOperation';
import { lockMessages } from '../../shared/leases/lockMessages';
import {
	keepAlive as keepLockAlive,
	requireFinishHandler,
	requireNotLost,
} from '../../shared/leases/locks';
import { includeLockDetails, renewalFields, toRenewalTiming, toRenewedLock } from '../lock';

/** Renews a lock until the workflow ends. */
export const keepAlive = defineRequest({
	option: {
		name: 'Keep Alive',
		value: 'keepAlive',
		action: 'Keep backup lock alive',
		description:
			'Renew a backup lock now and keep renewing it in the background until the workflow ends',
	},
	fields: {
		lockId: lockIdField(
			'The ID of the lock, as the node that created it returned it. It is renewed in the background while the next nodes run.',
		),
	},
	options: {
		includeLockDetails,
		releaseAtEnd: booleanField({
			displayName: 'Release at End',
			name: 'releaseAtEnd',
			type: 'boolean',
			default: false,
			description:
				'Whether to release the lock when the workflow ends, fails, or is stopped, unless a node has released it before',
		}),
		...renewalFields,
	},
	messages: { ...lockMessages, done: 'kept alive' },
	idField: 'lockId',
	prepare(values, execution) {
		requireFinishHandler(execution.context);
		requireNotLost(values, execution);
	},
	toRequest: ({ lockId }) => renewLock(lockId),
	// The next nodes need the ID, and KooDrive's response doesn't contain it.
	toOutput: (success, values) => ({ ...toRenewedLock(success, values), lockId: values.lockId }),
	onSuccess({ attempts }, item, execution) {
		const { lockId, releaseAtEnd, ...entered } = item.values;
		const timing = { ...toRenewalTiming(entered), releaseAtEnd };
		keepLockAlive(lockId, item, execution, timing, attempts.startedAt);
	},
});
