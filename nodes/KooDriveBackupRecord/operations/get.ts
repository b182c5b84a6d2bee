import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { recordIdField, recordPath } from '../fields/recordId';
import { recordIn } from '../record';
import { recordWords } from '../words';

/** Reads a record. Source: KooDrive API Reference, "Viewing Backup Records". */
export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get a backup record',
		description: 'Look at one backup: whether it is complete, and when it began and ended',
	},
	fields: [recordIdField('The record to look at')],
	words: { ...recordWords, done: 'read' },
	subject: 'recordId',
	run: singleCall({
		toRequest: (item) => ({ method: 'GET', path: recordPath(item), idempotent: true }),
		toOutput: ({ body }) => recordIn(body),
	}),
};
