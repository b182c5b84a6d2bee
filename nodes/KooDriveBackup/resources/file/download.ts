import type { StoredFile } from '../../../shared/api/files';
import { listFiles, toStoredFile } from '../../../shared/api/files';
import type { SendPage } from '../../../shared/api/pages';
import { readPages } from '../../../shared/api/pages';
import { RequestFailedError } from '../../../shared/errors/failure';
import { recordField } from '../../../shared/execution/commonFields';
import { idField } from '../../../shared/execution/fields';
import type { NodeExecution, Sender } from '../../../shared/execution/nodeExecution';
import { defineOperation } from '../../../shared/execution/operation';
import { outputField, spaceId } from '../../fields';
import { createDownloadLinks, downloadToStorage, isCheckable } from '../../transfer/downloadFile';
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
		const file = await findFile(execution, item, recordId, fileId);
		return await runTransfer(execution, item, async (transfer) => {
			const links = await createDownloadLinks(transfer, [file], values.spaceId);
			const name = file.fileName || fileId;
			const data = await downloadToStorage(transfer, links, file, name);
			const json = { ...file, checked: isCheckable(file), recordId };
			return [{ json, binary: { [values.outputField]: data } }];
		});
	},
});

/** The list is read once for all files of a record. */
async function findFile(
	execution: NodeExecution,
	item: Sender,
	recordId: string,
	fileId: string,
): Promise<StoredFile> {
	const files = await execution.share(item, `files of ${recordId}`, async () => {
		const send: SendPage = async (page) => await execution.send(item, page);
		const entries = await readPages(listFiles(recordId), Infinity, send);
		return new Map(entries.map(toStoredFile).map((file) => [file.fileId, file]));
	});
	const file = files.get(fileId);
	if (file !== undefined) return file;
	throw new RequestFailedError({ reason: 'notFound' });
}
