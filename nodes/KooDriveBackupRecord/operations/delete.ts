import { lockHeader, lockIdField, notLost } from '../../shared/parameters/lockId';
import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { recordIdField, recordPath } from '../fields/recordId';
import { lockedRecordWords } from '../words';

/** Deletes a backup with its files. Source: KooDrive API Reference, "Deleting Backup Records". */
export const deleteRecord: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete a backup record',
		description: 'Delete a backup, and its files with it',
	},
	fields: [
		recordIdField('The record to delete. Its backup files go too.'),
		lockIdField('A lock for the same kind of backup, from the step that created it'),
	],
	words: { ...lockedRecordWords, done: 'deleted' },
	subject: 'recordId',
	run: singleCall({
		before: notLost,
		toRequest: (item) => ({
			method: 'DELETE',
			path: recordPath(item),
			headers: lockHeader(item),
			idempotent: true,
		}),
		toOutput: ({ body }) => ({ ...body }),
		doneBefore: ({ reason }) =>
			reason === 'resourceMissing'
				? {
						code: 0,
						msg: 'An earlier try, whose answer was lost, had deleted the record',
						alreadyDeleted: true,
					}
				: undefined,
	}),
};
