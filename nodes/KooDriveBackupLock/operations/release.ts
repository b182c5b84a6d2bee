import { lockId, lockIdField } from '../fields';
import type { Operation } from '../../shared/run/operation';

/** Gives a lock back. Source: KooDrive API Reference, "Releasing a Backup Lock". */
export const release: Operation = {
	option: {
		name: 'Release',
		value: 'release',
		action: 'Release a backup lock',
		description: 'Give a backup lock back when the backup is complete',
	},
	fields: [lockIdField('release', 'The lock to give back')],
	texts: {
		failed: (id) =>
			id === undefined ? 'The lock was not released' : `Lock "${id}" was not released`,
		failedOf: (failedCount, count) => `${failedCount} of ${count} locks were not released`,
	},
	repeatable: true,
	toRequest: (parameter) => ({
		method: 'DELETE',
		path: '/koodrive/ose/v1/backup/lock',
		lockId: lockId(parameter),
	}),
	toOutput: ({ answer }) => answer.body,
	doneBefore: ({ reason }) =>
		reason === 'resourceMissing'
			? {
					code: 0,
					msg: 'An earlier try, whose answer was lost, had released the lock',
					alreadyReleased: true,
				}
			: undefined,
};
