import { createLockIdField, readLockId } from '../../shared/descriptions/lockId';
import type { Operation } from '../../shared/execution/operation';
import { singleRequest } from '../../shared/execution/singleRequest';
import { toReleaseLockRequest } from '../../shared/locks/lockRequests';
import { lockMessages } from '../../shared/locks/messages';

/** Releases a lock. Source: KooDrive API Reference, "Releasing a Backup Lock". */
export const release: Operation = {
	option: {
		name: 'Release',
		value: 'release',
		action: 'Release backup lock',
		description: 'Release a backup lock when the backup is complete',
	},
	fields: [createLockIdField('The ID of the lock to release')],
	messages: { ...lockMessages, done: 'released' },
	idField: 'lockId',
	execute: singleRequest({
		read: readLockId,
		preflight: async (lockId, leases) => await leases.end(lockId),
		toRequest: toReleaseLockRequest,
		toOutput: ({ body }) => ({ ...body }),
		recoverAlreadyDone: ({ reason }) =>
			reason === 'notFound'
				? {
						code: 0,
						msg: 'The lock had already been released by an earlier attempt',
						alreadyReleased: true,
					}
				: undefined,
	}),
};
