import sumBy from 'lodash/sumBy';
import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { StoredFile } from '../../../shared/api/files';
import { defineOperation } from '../../../shared/execution/operation';
import { countFiles, formatTransfer } from '../../../shared/records/format';
import { fileNamesField, outputField, parallelTransfers, spaceId } from '../../fields';
import { showHint } from '../../../shared/execution/nodeExecution';
import { createDownloadLinks, downloadToStorage, isCheckable } from '../../transfer/downloadFile';
import { getOriginalPath, makeDistinct } from '../../transfer/fileNames';
import { selectByName } from '../../transfer/namePatterns';
import { transferAll } from '../../transfer/transferAll';
import { getSharedTransfers, Transfer } from '../../transfer/transfer';
import { fileMessages, restoreMessages } from '../messages';
import type { StoredBackup } from './storedBackup';
import { createdBefore, readStoredBackup, storedBackupFields } from './storedBackup';

/** A file to restore. */
interface FileToRestore extends StoredFile {
	/** Where it came from; no two files have the same. */
	path: string;
}

/** Returns the files of a backup. */
export const restore = defineOperation({
	option: {
		name: 'Restore',
		value: 'restore',
		action: 'Restore backup',
		description: 'Return the files of a completed backup, one item for each file',
	},
	fields: { ...storedBackupFields, outputField },
	options: { createdBefore, fileNames: fileNamesField('restore'), parallelTransfers, spaceId },
	outlastsOutages: true,
	isForFiles: true,
	messages: { ...restoreMessages, done: 'restored' },
	async execute(item, execution) {
		const { context, clock } = execution;
		const { outputField: field, fileNames: patterns, ...values } = item.values;
		const shared = getSharedTransfers(execution, values.parallelTransfers);
		const transfer = new Transfer(execution, item, shared, execution.cancelSignal);
		const backup = await readStoredBackup(values, transfer, execution);
		const files = selectFiles(backup, patterns);
		const begunAt = clock.monotonic();
		const binaries = await downloadAll(transfer, files, values.spaceId);
		const { recordId, createTime } = backup;
		showHints(context, backup, files, (clock.monotonic() - begunAt) / 1000);
		return files.map((file, index) => ({
			json: { ...toJson(file), recordId, createTime },
			binary: { [field]: binaries[index]! },
		}));
	},
});

function selectFiles({ files }: StoredBackup, patterns: string): FileToRestore[] {
	const selected = selectByName(files, patterns, getOriginalPath);
	const paths = makeDistinct(selected.map((file) => getOriginalPath(file) || file.fileId));
	return selected.map((file, index) => ({ ...file, path: paths[index]! }));
}

async function downloadAll(
	transfer: Transfer,
	files: readonly FileToRestore[],
	spaceId: string | undefined,
): Promise<IBinaryData[]> {
	const links = await createDownloadLinks(transfer, files, spaceId);
	return await transferAll(transfer, files, {
		run: async (file, ofFile) => {
			const name = file.path.split('/').at(-1)!;
			return await downloadToStorage(ofFile, links, file, name);
		},
		getName: ({ fileName }) => fileName,
		done: 'downloaded',
		messages: fileMessages.reasons,
		getSize: ({ size }) => size,
	});
}

function toJson({ fileId, fileName, path, size, sha256 }: FileToRestore): IDataObject {
	return { fileId, fileName, path, size, sha256, checked: isCheckable({ size, sha256 }) };
}

function showHints(
	context: IExecuteFunctions,
	{ label, recordId, entriesLeftOut }: StoredBackup,
	files: readonly FileToRestore[],
	seconds: number,
): void {
	const bytes = sumBy(files, ({ size = 0 }) => size);
	const restored = formatTransfer(files.length, bytes, seconds);
	showHint(context, `Restored ${restored}, from ${label} (record ${recordId}).`);
	const unchecked = files.filter((file) => !isCheckable(file)).length;
	if (unchecked > 0) {
		const text = `KooDrive lists no size or checksum of ${countFiles(unchecked)}, so they couldn't be checked.`;
		showHint(context, text, 'warning');
	}
	if (entriesLeftOut === 0) return;
	const entries = entriesLeftOut === 1 ? '1 entry' : `${entriesLeftOut} entries`;
	showHint(context, `Left out ${entries} of KooDrive's list that have no content.`);
}
