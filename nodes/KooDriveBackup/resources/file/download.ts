import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../../shared/descriptions/itemParameters';
import { readId } from '../../../shared/descriptions/readId';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { ItemResult, Operation } from '../../../shared/execution/operation';
import { readPages } from '../../../shared/http/pages';
import { RequestFailedError } from '../../../shared/http/result';
import { outputField, readOutputField } from '../../descriptions/binaryField';
import { createRecordField, readRecordId } from '../../descriptions/recordId';
import { downloadFile } from '../../transfer/downloadFile';
import { DownloadLinks } from '../../transfer/downloadLinks';
import type { StoredFile } from '../../transfer/listFiles';
import { toListFilesRequest, toStoredFile } from '../../transfer/listFiles';
import { runTransfer } from '../../transfer/runTransfer';
import { findContainerId } from '../../transfer/space';
import { fileMessages } from './messages';

const WHERE_TO_FIX =
	"Enter the ID of the file as text, or an expression for it such as {{ $json.fileId }}. 'Get Many' of the resource 'File' returns it.";

const fileIdField: INodeProperties = {
	displayName: 'File ID',
	name: 'fileId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. 1842862763295184700',
	description: 'The file to download, from the node that listed the files of the record',
};

const spaceIdOption: INodeProperties = {
	displayName: 'Space ID',
	name: 'spaceId',
	type: 'string',
	default: '',
	placeholder: 'e.g. 1842862763295184000',
	description:
		"The ID (containerId) of the space that the file is in. By default, it's your individual space.",
};

/** Downloads a file of a record. Source: KooDrive API Reference, "Obtaining Download Links". */
export const download: Operation = {
	option: {
		name: 'Download',
		value: 'download',
		action: 'Download backup file',
		description: 'Download a file of a backup and check that it is intact',
	},
	fields: [createRecordField('The record that the file belongs to'), fileIdField, outputField],
	options: [spaceIdOption],
	outlastsOutages: true,
	messages: { ...fileMessages, done: 'downloaded' },
	idField: 'fileId',
	execute: executeDownload,
};

async function executeDownload(item: Item, execution: NodeExecution): Promise<ItemResult> {
	const recordId = readRecordId(item);
	const fileId = readId(item.getParameter('fileId'), 'File ID', WHERE_TO_FIX);
	const spaceId = readSpaceId(item);
	const field = readOutputField(item);
	const file = await findFile(execution, item, recordId, fileId);
	return await runTransfer(execution, item, async (transfer) => {
		const containerId = spaceId ?? (await findContainerId(transfer));
		const links = new DownloadLinks(containerId, [fileId], execution.clock);
		const binary = await downloadFile(transfer, links, file, file.fileName);
		return { ok: true, items: [{ json: { ...file, recordId }, binary: { [field]: binary } }] };
	});
}

/** The list is read once for all files of a record: the same requests of one execution are sent once. */
async function findFile(
	execution: NodeExecution,
	item: Item,
	recordId: string,
	fileId: string,
): Promise<StoredFile> {
	const files = await readPages(
		toListFilesRequest(recordId),
		Infinity,
		async (page) => await execution.request(item, page),
	);
	const file = files.map(toStoredFile).find((entry) => entry.fileId === fileId);
	if (file !== undefined) return file;
	throw new RequestFailedError({ reason: 'notFound' });
}

function readSpaceId(item: ItemParameters): string | undefined {
	const entered = item.getParameter('options.spaceId') ?? '';
	return entered === '' ? undefined : readId(entered, 'Space ID', 'Enter it as text.');
}
