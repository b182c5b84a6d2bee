import { releaseLock } from '../../shared/api/locks';
import { RequestFailedError } from '../../shared/errors/failure';
import { lockIdField } from '../../shared/execution/commonFields';
import { defineRequest } from '../../shared/execution/requestOperation';
import { leaseRegistry } from '../../shared/leases/leaseRegistry';
import { lockMessages } from '../../shared/leases/lockMessages';

/** Ends the renewals of a lock, and releases it. */
export const release = defineRequest({
	option: {
		name: 'Release',
		value: 'release',
		action: 'Release backup lock',
		description: 'Release a backup lock when the backup is complete',
	},
	fields: { lockId: lockIdField('The ID of the lock to release') },
	messages: {
		...lockMessages,
		done: 'released',
		reasons: {
			...lockMessages.reasons,
			notFound: {
				message: lockMessages.reasons.notFound?.message,
				description:
					'Nothing is left to release: it was released before, has expired 10 minutes after its last renewal, or belongs to another user. If it expired before the backup was complete, execute the workflow from the beginning, because the backup may be inconsistent.',
			},
		},
	},
	idField: 'lockId',
	async prepare({ lockId }, execution) {
		const loss = await leaseRegistry.end(execution.id, lockId);
		if (loss !== undefined) throw new RequestFailedError(loss);
	},
	toRequest: ({ lockId }) => releaseLock(lockId),
	toOutput: ({ body }) => ({ ...body }),
	recoverAlreadyDone: ({ reason }) =>
		reason === 'notFound'
			? {
					code: 0,
					msg: 'The lock had already been released by an earlier attempt',
					alreadyReleased: true,
				}
			: undefined,
});
