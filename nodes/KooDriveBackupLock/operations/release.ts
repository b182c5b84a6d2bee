import { lockId, lockIdField } from '../../shared/parameters/lockId';
import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { lockRequest } from '../lockRequest';
import { lockWords } from '../words';

/** Gives a lock back. Source: KooDrive API Reference, "Releasing a Backup Lock". */
export const release: Operation = {
	option: {
		name: 'Release',
		value: 'release',
		action: 'Release a backup lock',
		description: 'Give a backup lock back when the backup is complete',
	},
	fields: [lockIdField('The lock to give back')],
	words: { ...lockWords, done: 'released' },
	subject: 'lockId',
	run: singleCall({
		before: async (item, background) => await background.end(lockId(item)),
		toRequest: (item) => lockRequest('DELETE', item),
		toOutput: ({ body }) => ({ ...body }),
		doneBefore: ({ reason }) =>
			reason === 'resourceMissing'
				? {
						code: 0,
						msg: 'An earlier try, whose answer was lost, had released the lock',
						alreadyReleased: true,
					}
				: undefined,
	}),
};
