import { lockHeader, lockIdField, notLost } from '../../shared/parameters/lockId';
import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { propertiesField, propertiesPart } from '../fields/properties';
import { recordIdField, recordPath } from '../fields/recordId';
import { lockedRecordWords } from '../words';

/**
 * Completes a backup. Source: KooDrive API Reference, "Completing the Backup". What it does to a record that
 * is complete already is not said there; this assumes that completing it twice does no more than once.
 */
export const complete: Operation = {
	option: {
		name: 'Complete',
		value: 'complete',
		action: 'Complete a backup record',
		description: 'Mark a backup as complete when its files are there',
	},
	fields: [
		recordIdField('The record of the backup, from the step that created it'),
		lockIdField('The lock under which the backup is made, from the step that created it'),
		propertiesField,
	],
	words: { ...lockedRecordWords, done: 'completed' },
	subject: 'recordId',
	run: singleCall({
		before: notLost,
		toRequest: (item) => ({
			method: 'PATCH',
			path: recordPath(item),
			headers: lockHeader(item),
			body: propertiesPart(item),
			idempotent: true,
		}),
		toOutput: ({ body }) => ({ ...body }),
	}),
};
