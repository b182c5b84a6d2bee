import sortBy from 'lodash/sortBy';
import type { IBinaryData } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { StoredFile } from '../../../shared/api/files';
import { quoteId } from '../../../shared/errors/quote';
import { deviceField, moduleCodeField, recordField } from '../../../shared/execution/commonFields';
import type { Field } from '../../../shared/execution/fields';
import { showFor } from '../../../shared/execution/fields';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import { defineOperation } from '../../../shared/execution/operation';
import { countFiles, formatBytes } from '../../../shared/records/format';
import { findLatest, listBackups } from '../../../shared/records/listBackups';
import { outputField, parallelTransfers } from '../../fields';
import { showHint } from '../../showHint';
import { storeContent } from '../../transfer/content';
import { createDownloadLinks, downloadFile } from '../../transfer/downloadFile';
import { getOriginalPath } from '../../transfer/fileNames';
import { selectByName } from '../../transfer/namePatterns';
import { transferAll } from '../../transfer/transferAll';
import { getSharedTransfers, Transfer } from '../../transfer/transfer';
import { fileMessages } from '../file/messages';
import { requireCompleted } from './completedRecord';
import { restoreMessages } from './messages';

const source: Field<'latest' | 'record'> = {
	property: {
		displayName: 'Source',
		name: 'source',
		type: 'options',
		options: [
			{
				name: 'Latest Backup',
				value: 'latest',
				description: 'The latest completed backup of a device',
			},
			{ name: 'Record', value: 'record', description: 'The backup of a record' },
		],
		default: 'latest',
		description: 'Which backup to restore: latest (of a device) or record',
	},
	read(value) {
		if (value === 'latest' || value === 'record') return value;
		throw new UserError("'Source' must be latest or record. Select one from the list.");
	},
};

/** Patterns, as entered. */
const fileNames: Field<string> = {
	property: {
		displayName: 'File Names',
		name: 'fileNames',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.pdf, photos/2026/*.jpg, !*.tmp',
		description:
			'The files to restore: names, or the ends of paths, separated by commas. * stands for any characters but /, ? for one; what begins with ! is left out. By default, all files are restored.',
	},
	read: (value) => String(value ?? ''),
};

/** Returns the files of a backup. */
export const restore = defineOperation({
	option: {
		name: 'Restore',
		value: 'restore',
		action: 'Restore backup',
		description: 'Return the files of a completed backup, one item for each file',
	},
	fields: {
		source,
		deviceId: showFor('source', 'latest', deviceField('The device whose latest backup to restore')),
		moduleCode: showFor('source', 'latest', moduleCodeField('The type of the backup')),
		recordId: showFor(
			'source',
			'record',
			recordField('The record of the backup to restore', 'searchCompletedRecords'),
		),
		outputField,
	},
	options: { fileNames, parallelTransfers },
	outlastsOutages: true,
	isForFiles: true,
	messages: { ...restoreMessages, done: 'restored' },
	async execute(item, execution) {
		const { values } = item;
		const shared = getSharedTransfers(execution, values.parallelTransfers);
		const transfer = new Transfer(execution, item, shared, execution.cancelSignal);
		const recordId = await findRecordId(values, transfer, execution);
		const files = selectFiles(await transfer.listFiles(recordId), recordId, values.fileNames);
		const binaries = await downloadAll(transfer, files);
		const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0);
		showHint(
			execution.context,
			`Restored ${countFiles(files.length)} (${formatBytes(bytes)}) of record ${recordId}.`,
		);
		return files.map((file, index) => ({
			json: { ...toJson(file), recordId },
			binary: { [values.outputField]: binaries[index]! },
		}));
	},
});

async function findRecordId(
	{
		recordId,
		moduleCode = '',
		deviceId = '',
	}: { recordId?: string; moduleCode?: string; deviceId?: string },
	transfer: Transfer,
	{ clock }: NodeExecution,
): Promise<string> {
	if (recordId !== undefined) return await requireCompleted(transfer, recordId);
	const { serverClock } = transfer.item.client;
	const list = await listBackups({
		moduleCode,
		deviceId,
		send: async (request) => await transfer.request(request),
		readClocks: () => [clock.now(), serverClock.now()],
	});
	const latest = findLatest(list, "Set 'Source' to 'Record', and select a record.");
	if (latest !== undefined) return latest.recordId;
	throw new UserError(
		`Device ${quoteId(deviceId)} has no completed backup of this type. Check 'Device' and 'Backup Type'.`,
	);
}

function selectFiles(
	files: readonly StoredFile[],
	recordId: string,
	patterns: string,
): StoredFile[] {
	// KooDrive lists them as they were completed, which differs from night to night.
	const sorted = sortBy(files, 'fileName');
	if (files.length > 0) return selectByName(sorted, patterns, getOriginalPath);
	throw new UserError(`The backup of record ${quoteId(recordId)} contains no files.`);
}

/** The name that a file had before it was backed up, without its folders. */
function getName(file: StoredFile): string {
	return getOriginalPath(file).split('/').at(-1) || file.fileId;
}

async function downloadAll(
	transfer: Transfer,
	files: readonly StoredFile[],
): Promise<IBinaryData[]> {
	const containerId = await transfer.findContainerId();
	const fileIds = files.map(({ fileId }) => fileId);
	const links = createDownloadLinks(transfer, containerId, fileIds);
	return await transferAll(transfer, files, {
		run: async (file, ofFile) =>
			await downloadFile(
				ofFile,
				links,
				file,
				async (chunks) => await storeContent(ofFile, chunks, getName(file)),
			),
		getName: ({ fileName }) => fileName,
		done: 'downloaded',
		messages: fileMessages.reasons,
		getBytes: ({ size = 0 }) => size,
	});
}

/** The original path, where Back Up had to change the name, is not part of `fileName`. */
function toJson({ fileId, fileName, size, sha256, description }: StoredFile): {
	fileId: string;
	fileName: string;
	path: string;
	size: number | undefined;
	sha256: string | undefined;
} {
	return { fileId, fileName, path: getOriginalPath({ fileName, description }), size, sha256 };
}
