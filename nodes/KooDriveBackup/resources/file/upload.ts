import { UserError } from 'n8n-workflow';

import { MAX_DESCRIPTION } from '../../../shared/api/files';
import { lockIdField, recordField } from '../../../shared/execution/commonFields';
import { quoteId } from '../../../shared/errors/text';
import { failAt } from '../../../shared/errors/failure';
import type { Field } from '../../../shared/execution/fields';
import { optional, textField } from '../../../shared/execution/fields';
import { defineOperation } from '../../../shared/execution/operation';
import { getLoss } from '../../../shared/leases/locks';
import { inputField, skipStored } from '../../fields';
import { findContent } from '../../transfer/collectFiles';
import { requireFileName, toFileName } from '../../transfer/fileNames';
import { runTransfer } from '../../transfer/transfer';
import { uploadFile } from '../../transfer/uploadFile';
import { uploadMessages } from '../messages';

const fileName = textField(
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '',
		placeholder: 'e.g. report.pdf',
		description: "The file's name in the backup. By default, it's the name of the input file.",
	},
	'Enter a name, or remove the option.',
);

const description: Field<string | undefined> = {
	property: {
		displayName: 'File Description',
		name: 'description',
		type: 'string',
		default: '',
		placeholder: 'e.g. /srv/data/report.pdf',
		description: 'Text to store with the file, for example its path (up to 512 characters)',
	},
	read(value) {
		const entered = String(value ?? '');
		if (entered.length <= MAX_DESCRIPTION) return entered || undefined;
		throw new UserError(
			`'File Description' has ${entered.length} characters, but must have at most ${MAX_DESCRIPTION}.`,
		);
	},
};

/** Uploads a file to a record. */
export const upload = defineOperation({
	option: {
		name: 'Upload',
		value: 'upload',
		action: 'Upload backup file',
		description: 'Upload a file to a backup record that is not complete yet',
	},
	fields: {
		recordId: recordField('The record of the backup, from the node that created it'),
		lockId: lockIdField('The ID of the lock for the backup, from the node that created it'),
		inputField: inputField('The binary field with the file to upload', {
			default: 'data',
			hint: 'The name of the input field containing the binary file data',
		}),
	},
	options: {
		fileName: optional({ ...fileName, read: (value) => requireFileName(fileName.read(value)) }),
		description,
		skipStored,
	},
	outlastsOutages: true,
	isForFiles: true,
	messages: { ...uploadMessages, done: 'uploaded' },
	idField: 'recordId',
	async execute(item, execution) {
		const { recordId, lockId, ...values } = item.values;
		const content = findContent(execution.context, item.index, values.inputField);
		const target = {
			recordId,
			lockId,
			fileName: values.fileName ?? toFileName(content.fileName),
			description: values.description,
			mimeType: content.mimeType,
			skipStored: values.skipStored,
		};
		const file = await runTransfer(
			execution,
			item,
			async (transfer) => await uploadFile(transfer, content, target),
			() => getLoss(lockId, execution),
		).catch(failAt(`${quoteId(target.fileName)} couldn't be uploaded`));
		return [{ json: { ...file, recordId } }];
	},
});
