import type { IDataObject } from 'n8n-workflow';

import type { Operation } from '../../../shared/execution/operation';
import { pagedRequest } from '../../../shared/execution/pagedRequest';
import { limitFields, readLimit } from '../../descriptions/limit';
import { createRecordField, readRecordId } from '../../descriptions/recordId';
import { withIdAsText } from '../record/record';
import { toListFilesRequest } from '../../transfer/listFiles';
import { recordMessages } from '../record/messages';

/** Lists the files of a record. Source: KooDrive API Reference, "Listing Backup Files". */
export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many backup files',
		description: 'List the files of a backup with their size and checksum',
	},
	fields: [createRecordField('The record whose files to list'), ...limitFields],
	messages: {
		...recordMessages,
		done: 'searched for files',
		reasons: {
			...recordMessages.reasons,
			responseIncomplete: {
				message: "KooDrive reported success, but didn't return a list of files",
				description:
					'Run the node again. If the problem persists, contact your KooDrive administrator.',
			},
		},
	},
	idField: 'recordId',
	execute: pagedRequest({
		read: (item) => ({
			request: toListFilesRequest(readRecordId(item)),
			limit: readLimit(item),
		}),
		toOutput: toFile,
	}),
};

/** @returns a BackupFile with its ID as text. Source: "Listing Backup Files". */
export function toFile(file: IDataObject): IDataObject {
	return withIdAsText(file, 'fileId');
}
