import { completeRecord } from '../../../shared/api/records';
import { lockIdField, recordField } from '../../../shared/execution/commonFields';
import { defineRequest } from '../../../shared/execution/requestOperation';
import { requireNotLost } from '../../../shared/leases/locks';
import { lockedRecordMessages } from '../messages';
import { additionalFields } from '../../fields';

/** Completes a backup. */
export const complete = defineRequest({
	option: {
		name: 'Complete',
		value: 'complete',
		action: 'Complete backup record',
		description: 'Mark a backup as complete after all files are uploaded',
	},
	fields: {
		recordId: recordField('The record of the backup, from the node that created it'),
		lockId: lockIdField('The ID of the lock for the backup, from the node that created it'),
		additionalFields,
	},
	messages: { ...lockedRecordMessages, done: 'completed' },
	idField: 'recordId',
	prepare: requireNotLost,
	toRequest: ({ recordId, lockId, additionalFields: { properties } }) =>
		completeRecord(recordId, lockId, properties),
	toOutput: ({ body }) => ({ ...body }),
});
