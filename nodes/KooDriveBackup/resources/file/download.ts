import type { StoredFile } from '../../../shared/api/files';
import { RequestFailedError } from '../../../shared/errors/failure';
import { recordField } from '../../../shared/execution/commonFields';
import { idField } from '../../../shared/execution/fields';
import { defineOperation } from '../../../shared/execution/operation';
import { outputField, spaceId } from '../../fields';
import { createDownloadLinks, downloadToStorage, isCheckable } from '../../transfer/downloadFile';
import type { Transfer } from '../../transfer/transfer';
import { runTransfer } from '../../transfer/transfer';
import { fileMessages } from '../messages';

/** Downloads a file of a record. */
export const download = defineOperation({
	option: {
		name: 'Download',
		value: 'download',
		action: 'Download backup file',
		description: 'Download a file of a backup and check that it is intact',
	},
	fields: {
		recordId: recordField('The record that the file belongs to'),
		fileId: idField(
			{
				displayName: 'File ID',
				name: 'fileId',
				type: 'string',
				required: true,
				default: '',
				placeholder: 'e.g. 1842862763295184700',
				description: 'The file to download, from the node that listed the files of the record',
			},
			"Enter the ID of the file as text, or an expression for it such as {{ $json.fileId }}. 'Get Many' of the resource 'File' returns it.",
		),
		outputField,
	},
	options: { spaceId },
	outlastsOutages: true,
	isForFiles: true,
	messages: { ...fileMessages, done: 'downloaded' },
	idField: 'fileId',
	async execute(item, execution) {
		const { recordId, fileId, ...values } = item.values;
		return await runTransfer(execution, item, async (transfer) => {
			const file = await findFile(transfer, recordId, fileId);
			const links = await createDownloadLinks(transfer, [file], values.spaceId);
			const name = file.fileName || fileId;
			const data = await downloadToStorage(transfer, links, file, name);
			const json = { ...file, checked: isCheckable(file), recordId };
			return [{ json, binary: { [values.outputField]: data } }];
		});
	},
});

/** The list is read once for all files of a record. */
async function findFile(transfer: Transfer, recordId: string, fileId: string): Promise<StoredFile> {
	const files = await transfer.share(`files of ${recordId}`, async () => {
		const listed = await transfer.listFiles(recordId);
		return new Map(listed.map((file) => [file.fileId, file]));
	});
	const file = files.get(fileId);
	if (file !== undefined) return file;
	throw new RequestFailedError({ reason: 'notFound' });
}
