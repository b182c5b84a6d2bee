import sumBy from 'lodash/sumBy';

import type { StoredFile } from '../../../shared/api/files';
import { RequestFailedError } from '../../../shared/errors/failure';
import { defineOperation } from '../../../shared/execution/operation';
import { formatTransfer } from '../../../shared/records/format';
import { fileNamesField, parallelTransfers, spaceId } from '../../fields';
import { showHint } from '../../../shared/execution/nodeExecution';
import { createDownloadLinks, downloadFile, isCheckable } from '../../transfer/downloadFile';
import { getOriginalPath } from '../../transfer/fileNames';
import { selectByName } from '../../transfer/namePatterns';
import { getSharedTransfers, Transfer } from '../../transfer/transfer';
import { transferAll } from '../../transfer/transferAll';
import { fileMessages, restoreMessages } from '../messages';
import { createdBefore, readStoredBackup, storedBackupFields } from './storedBackup';

/** Downloads the files of a backup to compare them with their checksums, and keeps nothing. */
export const verify = defineOperation({
	option: {
		name: 'Verify',
		value: 'verify',
		action: 'Verify backup',
		description:
			'Download all files of a completed backup, and compare them with their checksums. Nothing is kept.',
	},
	fields: storedBackupFields,
	options: { createdBefore, fileNames: fileNamesField('verify'), parallelTransfers, spaceId },
	outlastsOutages: true,
	messages: { ...restoreMessages, done: 'verified' },
	async execute(item, execution) {
		const { values } = item;
		const { clock, context } = execution;
		const shared = getSharedTransfers(execution, values.parallelTransfers);
		const transfer = new Transfer(execution, item, shared, execution.cancelSignal);
		const { label, recordId, createTime, ...backup } = await readStoredBackup(
			values,
			transfer,
			execution,
		);
		const files = selectByName(backup.files, values.fileNames, getOriginalPath);
		const begunAt = clock.monotonic();
		await readAll(transfer, files, values.spaceId);
		const durationSeconds = Math.round((clock.monotonic() - begunAt) / 100) / 10;
		const bytes = sumBy(files, ({ size = 0 }) => size);
		const verified = formatTransfer(files.length, bytes, durationSeconds);
		showHint(context, `Verified ${verified}, of ${label} (record ${recordId}).`);
		return [{ json: { recordId, createTime, files: files.length, bytes, durationSeconds } }];
	},
});

/** @throws RequestFailedError after all files were read, if one is missing, damaged, or can't be checked */
async function readAll(
	transfer: Transfer,
	files: readonly StoredFile[],
	spaceId: string | undefined,
): Promise<void> {
	const links = await createDownloadLinks(transfer, files, spaceId);
	await transferAll(transfer, files, {
		async run(file, ofFile) {
			await downloadFile(ofFile, links, file, discard);
			if (!isCheckable(file)) throw new RequestFailedError({ reason: 'contentNotCheckable' });
		},
		getName: ({ fileName }) => fileName,
		getSize: ({ size }) => size,
		done: 'verified',
		messages: fileMessages.reasons,
		looksAtAll: true,
	});
}

async function discard(chunks: AsyncIterable<Uint8Array>): Promise<void> {
	const iterator = chunks[Symbol.asyncIterator]();
	while ((await iterator.next()).done !== true);
}
