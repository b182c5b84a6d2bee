import { listRecords, toRecord } from '../../../shared/api/records';
import { deviceField, limitFields, moduleCodeField } from '../../../shared/execution/commonFields';
import { collectionField, optional } from '../../../shared/execution/fields';
import { defineList } from '../../../shared/execution/requestOperation';
import { withSummary } from '../../../shared/records/summary';
import { listMessages } from '../messages';

export const getAll = defineList({
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many backup records',
		description: 'List the backups of one type, of all devices or of one device',
	},
	fields: {
		moduleCode: moduleCodeField('The type of the backups'),
		...limitFields,
		filters: collectionField(
			{ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' },
			{ deviceId: optional(deviceField('Return only the records of this device')) },
		),
	},
	messages: { ...listMessages, done: 'read' },
	toRequest: ({ moduleCode, filters }) => listRecords(moduleCode, filters.deviceId),
	toOutput: (entry) => withSummary(toRecord(entry)),
});
