import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from '../../../shared/descriptions/itemParameters';
import { createLockIdField, readLockId } from '../../../shared/descriptions/lockId';
import { readBooleanOption } from '../../../shared/descriptions/readBoolean';
import { readText } from '../../../shared/descriptions/readText';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { ItemResult, Operation } from '../../../shared/execution/operation';
import { createInputField, readInputField } from '../../descriptions/binaryField';
import { createRecordField, readRecordId } from '../../descriptions/recordId';
import { skipStoredOption } from '../../descriptions/skipStored';
import { findContent } from '../../transfer/content';
import { requireFileName, toFileName } from '../../transfer/fileName';
import { runTransfer } from '../../transfer/runTransfer';
import { uploadFile } from '../../transfer/uploadFile';
import { uploadMessages } from './messages';

const fileNameOption: INodeProperties = {
	displayName: 'File Name',
	name: 'fileName',
	type: 'string',
	default: '',
	placeholder: 'e.g. report.pdf',
	description: "The file's name in the backup. By default, it's the name of the input file.",
};

const descriptionOption: INodeProperties = {
	displayName: 'File Description',
	name: 'description',
	type: 'string',
	default: '',
	placeholder: 'e.g. /srv/data/report.pdf',
	description: 'Text to store with the file, for example its path (up to 512 characters)',
};

/** Source: KooDrive API Reference, "Creating File Metadata", field `description`. */
const MAX_DESCRIPTION = 512;

/** Uploads a file to a record. Source: KooDrive API Reference, "Creating a Backup File". */
export const upload: Operation = {
	option: {
		name: 'Upload',
		value: 'upload',
		action: 'Upload backup file',
		description: 'Upload a file to a backup record that is not complete yet',
	},
	fields: [
		createRecordField('The record of the backup, from the node that created it'),
		createLockIdField('The ID of the lock for the backup, from the node that created it'),
		createInputField('The binary field with the file to upload'),
	],
	options: [fileNameOption, descriptionOption, skipStoredOption],
	outlastsOutages: true,
	messages: {
		...uploadMessages,
		done: 'uploaded',
	},
	idField: 'recordId',
	execute: executeUpload,
};

async function executeUpload(item: Item, execution: NodeExecution): Promise<ItemResult> {
	const recordId = readRecordId(item);
	const lockId = readLockId(item);
	const content = findContent(execution.context, item.index, readInputField(item));
	const target = {
		recordId,
		lockId,
		fileName: readFileName(item) ?? toFileName(content.fileName),
		description: readDescription(item),
		mimeType: content.mimeType,
		skipStored: readBooleanOption(item, skipStoredOption),
	};
	const file = await runTransfer(
		execution,
		item,
		async (transfer) => await uploadFile(transfer, content, target),
		() => execution.leases.getLoss(lockId),
	);
	return { ok: true, items: [{ json: { ...file, recordId } }] };
}

function readFileName(item: ItemParameters): string | undefined {
	const entered = item.getParameter('options.fileName') ?? '';
	if (typeof entered === 'string' && entered.trim() === '') return undefined;
	return requireFileName(readText(entered, 'File Name', 'Enter a name, or remove the option.'));
}

function readDescription(item: ItemParameters): string | undefined {
	const entered = String(item.getParameter('options.description') ?? '');
	if (entered.length <= MAX_DESCRIPTION) return entered || undefined;
	throw new UserError(
		`'File Description' has ${entered.length} characters, but must have at most ${MAX_DESCRIPTION}.`,
	);
}
