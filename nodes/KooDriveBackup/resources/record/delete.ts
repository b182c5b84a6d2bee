import type { SendPage } from '../../../shared/api/pages';
import {
	deleteRecord as deleteRecordRequest,
	getRecord,
	readRecord,
	readStatus,
	RECORD_STATUS,
} from '../../../shared/api/records';
import { onFailure } from '../../../shared/errors/failure';
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
	// KooDrive says the same of a lock that doesn't exist.
	recoverAlreadyDone: async ({ reason }, { recordId }, send) =>
		reason === 'notFound' && (await isDeleted(recordId, send))
			? { deleted: true, recordId }
			: undefined,
});

/** @returns whether a record doesn't exist, or is to be deleted */
export async function isDeleted(recordId: string, send: SendPage): Promise<boolean> {
	return await send(getRecord(recordId)).then(
		({ body }) => readStatus(readRecord(body) ?? {}) === RECORD_STATUS.toBeDeleted,
		onFailure(({ failure }) => failure.reason === 'notFound'),
	);
}
