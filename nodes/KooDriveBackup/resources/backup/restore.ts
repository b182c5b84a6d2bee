import sortBy from 'lodash/sortBy';
import type { IBinaryData, INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { createModuleCodeField, readModuleCode } from '../../../shared/descriptions/moduleCode';
import type { ItemParameters } from '../../../shared/descriptions/itemParameters';
import { quoteId } from '../../../shared/errors/quote';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { ItemResult, Operation } from '../../../shared/execution/operation';
import { outputField, readOutputField } from '../../descriptions/binaryField';
import { countFiles, formatBytes } from '../../../shared/records/format';
import { createDeviceField, readDeviceId } from '../../descriptions/deviceId';
import {
	parallelTransfersOption,
	readParallelTransfers,
} from '../../descriptions/parallelTransfers';
import { createRecordField, readRecordId } from '../../descriptions/recordId';
import { showHint } from '../../showHint';
import { downloadFile } from '../../transfer/downloadFile';
import { DownloadLinks } from '../../transfer/downloadLinks';
import type { StoredFile } from '../../transfer/listFiles';
import { listFiles } from '../../transfer/listFiles';
import { selectByName } from '../../transfer/namePatterns';
import { getOriginalName, getOriginalPath } from '../../transfer/originalName';
import { getSharedTransfers } from '../../transfer/sharedTransfers';
import { findContainerId } from '../../transfer/space';
import { transferAll } from '../../transfer/transferAll';
import { Transfer } from '../../transfer/transfer';
import { fileMessages } from '../file/messages';
import { requireCompleted } from './completedRecord';
import { findLatest, listBackups } from './listBackups';
import { restoreMessages } from './messages';

const sourceField: INodeProperties = {
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
};

const fileNamesOption: INodeProperties = {
	displayName: 'File Names',
	name: 'fileNames',
	type: 'string',
	default: '',
	placeholder: 'e.g. *.pdf, photos/2026/*.jpg, !*.tmp',
	description:
		'The files to restore: names, or the ends of paths, separated by commas. * stands for any characters but /, ? for one; what begins with ! is left out. By default, all files are restored.',
};

function showForSource(source: string, field: INodeProperties): INodeProperties {
	return { ...field, displayOptions: { show: { source: [source] } } };
}

/** Returns the files of a backup. Source: KooDrive API Reference, "Obtaining Download Links". */
export const restore: Operation = {
	option: {
		name: 'Restore',
		value: 'restore',
		action: 'Restore backup',
		description: 'Return the files of a completed backup, one item for each file',
	},
	fields: [
		sourceField,
		showForSource(
			'latest',
			createModuleCodeField(
				'The type of the backup: 100 (folder), 101 (album), or 102 (address book)',
			),
		),
		showForSource('latest', createDeviceField('The device whose latest backup to restore')),
		showForSource('record', createRecordField('The record of the backup to restore')),
		outputField,
	],
	options: [fileNamesOption, parallelTransfersOption],
	outlastsOutages: true,
	messages: { ...restoreMessages, done: 'restored' },
	execute: executeRestore,
};

async function executeRestore(item: Item, execution: NodeExecution): Promise<ItemResult> {
	const findRecordId = readSource(item, execution);
	const field = readOutputField(item);
	const patterns = String(item.getParameter('options.fileNames') ?? '');
	const shared = getSharedTransfers(execution, readParallelTransfers(item));
	const transfer = new Transfer(execution, item, shared, execution.cancelSignal);
	const recordId = await findRecordId(transfer);
	const files = selectFiles(await listFiles(transfer, recordId), recordId, patterns);
	const binaries = await downloadAll(transfer, files);
	const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0);
	showHint(
		execution.context,
		`Restored ${countFiles(files.length)} (${formatBytes(bytes)}) of record ${recordId}.`,
	);
	const items = files.map((file, index) => ({
		json: { ...toJson(file), recordId },
		binary: { [field]: binaries[index]! },
	}));
	return { ok: true, items };
}

/** @throws UserError when a parameter isn't valid; the record is looked up later */
function readSource(
	item: ItemParameters,
	execution: NodeExecution,
): (transfer: Transfer) => Promise<string> {
	const source = item.getParameter('source');
	if (source === 'record') {
		const recordId = readRecordId(item);
		return async (transfer) => await requireCompleted(transfer, recordId);
	}
	if (source !== 'latest') {
		throw new UserError("'Source' must be latest or record. Select one from the list.");
	}
	const moduleCode = readModuleCode(item);
	const deviceId = readDeviceId(item);
	return async (transfer) => {
		const { serverClock } = transfer.item.client;
		const list = await listBackups({
			moduleCode,
			deviceId,
			send: async (request) => await transfer.tryRequest(request),
			readClocks: () => [execution.clock.now(), serverClock.now()],
		});
		const latest = findLatest(list);
		if (latest !== undefined) return latest.recordId;
		throw new UserError(
			`Device ${quoteId(deviceId)} has no completed backup of this type. Check 'Device' and 'Module Code'.`,
		);
	};
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

async function downloadAll(
	transfer: Transfer,
	files: readonly StoredFile[],
): Promise<IBinaryData[]> {
	const containerId = await findContainerId(transfer);
	const fileIds = files.map(({ fileId }) => fileId);
	const links = new DownloadLinks(containerId, fileIds, transfer.execution.clock);
	return await transferAll(transfer, files, {
		run: async (file, ofFile) => await downloadFile(ofFile, links, file, getOriginalName(file)),
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
	return { fileId, fileName, path: description || fileName, size, sha256 };
}
