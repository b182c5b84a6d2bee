import { createLockIdField, readLockId, toLockHeader } from '../../../shared/descriptions/lockId';
import { createModuleCodeField, readModuleCode } from '../../../shared/descriptions/moduleCode';
import type { Operation } from '../../../shared/execution/operation';
import { singleRequest } from '../../../shared/execution/singleRequest';
import { createDeviceField, readDeviceId } from '../../descriptions/deviceId';
import { additionalFieldsField, readProperties } from '../../descriptions/properties';
import { RECORDS_PATH } from '../../descriptions/recordId';
import { readRecord } from './record';
import { newRecordMessages } from './messages';

/** Begins a backup. Source: KooDrive API Reference, "Creating a Backup Record". */
export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create backup record',
		description: 'Start a backup under an existing lock, to upload files to it',
	},
	fields: [
		createModuleCodeField(
			'The type of the backup: 100 (folder), 101 (album), or 102 (address book). Must match the lock.',
		),
		createDeviceField('The device that is backed up'),
		createLockIdField('The ID of the lock for the backup, from the node that created it'),
		additionalFieldsField,
	],
	messages: {
		...newRecordMessages,
		done: 'created',
		mayHaveExecuted:
			"KooDrive may have created the record anyway. Check with 'Get Many' before you create another one.",
	},
	execute: singleRequest({
		read: (item) => ({
			moduleCode: readModuleCode(item),
			deviceId: readDeviceId(item),
			lockId: readLockId(item),
			properties: readProperties(item, 'additionalFields'),
		}),
		preflight: ({ lockId }, leases) => leases.getLoss(lockId),
		toRequest: ({ moduleCode, deviceId, lockId, properties }) => ({
			method: 'POST',
			path: RECORDS_PATH,
			headers: toLockHeader(lockId),
			body: { moduleCode, deviceId, ...properties },
			// Sent again, it would create a second record.
			idempotent: false,
		}),
		toOutput: ({ body }) => readRecord(body),
	}),
};
