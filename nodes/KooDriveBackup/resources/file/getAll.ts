import { listFiles, toFile } from '../../../shared/api/files';
import { limitFields, recordField } from '../../../shared/execution/commonFields';
import { defineList } from '../../../shared/execution/requestOperation';
import { recordMessages } from '../messages';

export const getAll = defineList({
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many backup files',
		description: 'List the files of a backup with their size and checksum',
	},
	fields: { recordId: recordField('The record whose files to list'), ...limitFields },
	messages: {
		...recordMessages,
		done: 'searched for files',
		reasons: {
			...recordMessages.reasons,
			responseIncomplete: {
				message: "KooDrive reported success, but didn't return a list of files",
				description:
					'Run the node again. If it happens again, contact your KooDrive administrator.',
			},
		},
	},
	idField: 'recordId',
	toRequest: ({ recordId }) => listFiles(recordId),
	toOutput: toFile,
});
