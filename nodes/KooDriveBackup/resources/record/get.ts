import type { Operation } from '../../../shared/execution/operation';
import { singleRequest } from '../../../shared/execution/singleRequest';
import { createRecordField } from '../../descriptions/recordId';
import { readRecord, readRecordPath } from './record';
import { recordMessages } from './messages';

/** Reads a record. Source: KooDrive API Reference, "Viewing Backup Records". */
export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get backup record',
		description: 'Get the status, the start time, and the end time of a backup',
	},
	fields: [createRecordField('The record to get')],
	messages: { ...recordMessages, done: 'read' },
	idField: 'recordId',
	execute: singleRequest({
		read: readRecordPath,
		toRequest: (path) => ({ method: 'GET', path, idempotent: true }),
		toOutput: ({ body }) => readRecord(body),
	}),
};
