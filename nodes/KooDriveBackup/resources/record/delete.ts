import { deleteRecord as deleteRecordRequest } from '../../../shared/api/records';
import { lockIdField, recordField } from '../../../shared/execution/commonFields';
import { defineRequest } from '../../../shared/execution/requestOperation';
import { requireNotLost } from '../../../shared/leases/locks';
import { lockedRecordMessages } from '../messages';

/** Deletes a backup with its files. */
export const deleteRecord = defineRequest({
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete backup record',
		description: 'Delete a backup record and its files',
	},
	fields: {
		recordId: recordField('The record to delete. Its files are deleted too.'),
		lockId: lockIdField(
			'The ID of a lock for the same type of backup, from the node that created it',
		),
	},
	messages: { ...lockedRecordMessages, done: 'deleted' },
	idField: 'recordId',
	prepare: requireNotLost,
	toRequest: ({ recordId, lockId }) => deleteRecordRequest(recordId, lockId),
	toOutput: (_, { recordId }) => ({ deleted: true, recordId }),
	recoverAlreadyDone: ({ reason }, { recordId }) =>
		reason === 'notFound' ? { deleted: true, recordId } : undefined,
});
