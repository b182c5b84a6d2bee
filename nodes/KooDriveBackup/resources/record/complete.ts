import { createLockIdField, readLockId, toLockHeader } from '../../../shared/descriptions/lockId';
import type { Operation } from '../../../shared/execution/operation';
import { singleRequest } from '../../../shared/execution/singleRequest';
import { additionalFieldsField, readProperties } from '../../descriptions/properties';
import { createRecordField } from '../../descriptions/recordId';
import { lockedRecordMessages } from './messages';
import { readRecordPath } from './record';

/**
 * Completes a backup. Source: KooDrive API Reference, "Completing the Backup". What it does to a record that
 * is complete already isn't documented; that completing it twice does no more than once is assumed.
 */
export const complete: Operation = {
	option: {
		name: 'Complete',
		value: 'complete',
		action: 'Complete backup record',
		description: 'Mark a backup as complete after all files are uploaded',
	},
	fields: [
		createRecordField('The record of the backup, from the node that created it'),
		createLockIdField('The ID of the lock for the backup, from the node that created it'),
		additionalFieldsField,
	],
	messages: { ...lockedRecordMessages, done: 'completed' },
	idField: 'recordId',
	execute: singleRequest({
		read: (item) => ({
			path: readRecordPath(item),
			lockId: readLockId(item),
			body: readProperties(item, 'additionalFields'),
		}),
		preflight: ({ lockId }, leases) => leases.getLoss(lockId),
		toRequest: ({ path, lockId, body }) => ({
			method: 'PATCH',
			path,
			headers: toLockHeader(lockId),
			body,
			idempotent: true,
		}),
		toOutput: ({ body }) => ({ ...body }),
	}),
};
