import { lockHeader, lockIdField, notLost } from '../../shared/parameters/lockId';
import { moduleCode, moduleCodeField } from '../../shared/parameters/moduleCode';
import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { deviceId, deviceIdField } from '../fields/deviceId';
import { propertiesField, propertiesPart } from '../fields/properties';
import { RECORDS_PATH } from '../fields/recordId';
import { recordIn } from '../record';
import { newRecordWords } from '../words';

/** Begins a backup. Source: KooDrive API Reference, "Creating a Backup Record". */
export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a backup record',
		description: 'Begin a backup, under a lock that was created before',
	},
	fields: [
		moduleCodeField('What is going to be backed up; the same as that of the lock'),
		deviceIdField,
		lockIdField('The lock under which the backup is made, from the step that created it'),
		propertiesField,
	],
	words: {
		...newRecordWords,
		done: 'created',
		unclear:
			'KooDrive may have created a record all the same: look for it with Get Many before you create another.',
	},
	run: singleCall({
		before: notLost,
		toRequest: (item) => ({
			method: 'POST',
			path: RECORDS_PATH,
			headers: lockHeader(item),
			body: {
				moduleCode: moduleCode(item),
				deviceId: deviceId(item),
				...propertiesPart(item),
			},
			// It would make a second record.
			idempotent: false,
		}),
		toOutput: ({ body }) => recordIn(body),
	}),
};
