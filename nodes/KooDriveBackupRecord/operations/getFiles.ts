import type { Operation } from '../../shared/run/operation';
import { pagedCall } from '../../shared/run/pagedCall';
import { limit, limitFields } from '../fields/limit';
import { recordIdField, recordPath } from '../fields/recordId';
import { withTextId } from '../record';
import { recordWords } from '../words';

/** Lists the files of a record. Source: KooDrive API Reference, "Listing Backup Files". */
export const getFiles: Operation = {
	option: {
		name: 'Get Many Files',
		value: 'getFiles',
		action: 'Get many files of a backup record',
		description: 'List the files that a backup holds, with their size and checksum',
	},
	fields: [recordIdField('The record whose files to list'), ...limitFields],
	words: {
		...recordWords,
		done: 'searched for files',
		reasons: {
			...recordWords.reasons,
			answerIncomplete: {
				what: 'KooDrive reported success but the list is not one of files',
				hint: 'Run the step again. If this lasts, ask the administrator of your KooDrive.',
			},
		},
	},
	subject: 'recordId',
	run: pagedCall({
		toRequest: (item) => ({
			method: 'GET',
			path: `${recordPath(item)}/files`,
			idempotent: true,
		}),
		toLimit: limit,
		toOutput: (file) => withTextId(file, 'fileId'),
	}),
};
