import { createRecord, readRecord } from '../../../shared/api/records';
import { deviceField, lockIdField, moduleCodeField } from '../../../shared/execution/commonFields';
import { defineRequest } from '../../../shared/execution/requestOperation';
import { requireNotLost } from '../../../shared/leases/locks';
import { newRecordMessages } from '../messages';
import { additionalFields } from '../../fields';

/** Begins a backup. */
export const create = defineRequest({
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create backup record',
		description: 'Start a backup under an existing lock, to upload files to it',
	},
	fields: {
		deviceId: deviceField('The device that is backed up'),
		moduleCode: moduleCodeField('The type of the backup', '. Must match the lock.'),
		lockId: lockIdField('The ID of the lock for the backup, from the node that created it'),
		additionalFields,
	},
	messages: {
		...newRecordMessages,
		done: 'created',
		mayHaveExecuted:
			"KooDrive may have created the record anyway. Check with 'Get Many' before you create another one.",
	},
	prepare: requireNotLost,
	toRequest: ({ lockId, additionalFields: { properties }, ...record }) =>
		createRecord(lockId, { ...record, properties }),
	toOutput: ({ body }) => readRecord(body),
});
