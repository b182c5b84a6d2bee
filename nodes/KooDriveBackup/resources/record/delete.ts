import { createLockIdField, readLockId, toLockHeader } from '../../../shared/descriptions/lockId';
import type { Operation } from '../../../shared/execution/operation';
import { singleRequest } from '../../../shared/execution/singleRequest';
import type { KooDriveRequest } from '../../../shared/http/request';
import { createRecordField, readRecordId } from '../../descriptions/recordId';
import { lockedRecordMessages } from './messages';
import { toRecordPath } from './record';

/** Deletes a backup with its files. Source: KooDrive API Reference, "Deleting Backup Records". */
export const deleteRecord: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete backup record',
		description: 'Delete a backup record and its files',
	},
	fields: [
		createRecordField('The record to delete. Its files are deleted too.'),
		createLockIdField(
			'The ID of a lock for the same type of backup, from the node that created it',
		),
	],
	messages: { ...lockedRecordMessages, done: 'deleted' },
	idField: 'recordId',
	execute: singleRequest({
		read: (item) => ({ recordId: readRecordId(item), lockId: readLockId(item) }),
		preflight: ({ lockId }, leases) => leases.getLoss(lockId),
		toRequest: ({ recordId, lockId }) => toDeleteRequest(recordId, lockId),
		toOutput: ({ input }) => ({ deleted: true, recordId: input.recordId }),
		recoverAlreadyDone: ({ reason }, { recordId }) =>
			reason === 'notFound' ? { deleted: true, recordId } : undefined,
	}),
};

/** @returns the request that deletes a record; that it may be sent again is assumed of what it does */
export function toDeleteRequest(recordId: string, lockId: string): KooDriveRequest {
	return {
		method: 'DELETE',
		path: toRecordPath(recordId),
		headers: toLockHeader(lockId),
		idempotent: true,
	};
}
