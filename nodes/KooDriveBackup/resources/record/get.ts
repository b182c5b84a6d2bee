import { getRecord, readRecord } from '../../../shared/api/records';
import { recordField } from '../../../shared/execution/commonFields';
import { defineRequest } from '../../../shared/execution/requestOperation';
import { withSummary } from '../../../shared/records/summary';
import { recordMessages } from '../messages';

export const get = defineRequest({
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get backup record',
		description:
			'Get the status, the start time, and the end time of a backup, and what it contains',
	},
	fields: { recordId: recordField('The record to get') },
	messages: { ...recordMessages, done: 'read' },
	idField: 'recordId',
	toRequest: ({ recordId }) => getRecord(recordId),
	toOutput({ body }) {
		const record = readRecord(body);
		return record && withSummary(record);
	},
});
