import type { IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import {
	deviceField,
	moduleCodeField,
	propertiesField,
} from '../../../shared/execution/commonFields';
import type { Item } from '../../../shared/execution/nodeExecution';
import { defineJointOperation } from '../../../shared/execution/operation';
import { holdLock } from '../../../shared/leases/locks';
import { fileNamesField, inputField, parallelTransfers, skipStored } from '../../fields';
import { countFiles, formatTransfer } from '../../../shared/records/format';
import { requireOwnProperties } from '../../../shared/records/summary';
import { collectFiles } from '../../transfer/collectFiles';
import { selectByName } from '../../transfer/namePatterns';
import { getSharedTransfers } from '../../transfer/transfer';
import { showHint } from '../../../shared/execution/nodeExecution';
import { BackupRun } from './backupRun';
import { backupMessages } from '../messages';
import type { UploadedFile } from '../../transfer/uploadFile';

/** The summary of the backup is stored beside them. */
const ownProperties: typeof propertiesField = {
	...propertiesField,
	read(value) {
		const properties = propertiesField.read(value);
		requireOwnProperties(properties ?? '');
		return properties;
	},
};

/**
 * Backs up the files of all input items in one record.
 *
 * Source: KooDrive API Reference, "Creating a Backup Lock", "Creating a Backup Record", "Creating a Backup File", and
 * "Completing the Backup". That these belong together in this order is assumed.
 */
export const backUp = defineJointOperation({
	option: {
		name: 'Back Up',
		value: 'backUp',
		action: 'Back up files',
		description: 'Back up the files of all input items as one complete backup',
	},
	fields: {
		deviceId: deviceField('The device that is backed up'),
		moduleCode: moduleCodeField('The type of the backup'),
		binaryPropertyName: inputField(
			'The binary fields with the files to back up: names separated by commas, with * and ? as wildcards',
			{
				default: '*',
				hint: 'The names of the input fields containing the binary file data, separated by commas. With *, all of them.',
			},
		),
	},
	options: {
		fileNames: fileNamesField('back up'),
		parallelTransfers,
		properties: ownProperties,
		skipStored,
	},
	messages: { ...backupMessages, done: 'completed' },
	outlastsOutages: true,
	isForFiles: true,
	async executeAll(items, execution) {
		const [first] = items;
		if (first === undefined)
			throw new UserError('There is nothing to back up: the node got no items.');
		const moduleCode = requireSame(items, 'Backup Type', ({ values }) => values.moduleCode);
		const deviceId = requireSame(items, 'Device', ({ values }) => values.deviceId);
		const { properties } = first.values;
		const collected = await collectFiles(items, execution);
		const files = selectByName(collected.files, first.values.fileNames, ({ path }) => path);
		const startedAt = execution.clock.monotonic();
		const { record, uploaded, hasSummary } = await holdLock(
			first,
			execution,
			moduleCode,
			async (lock) => {
				const shared = getSharedTransfers(execution, first.values.parallelTransfers);
				const newRecord = { moduleCode, deviceId, properties };
				const run = new BackupRun(execution, first, shared, lock, newRecord);
				return await run.run(files, first.values.skipStored);
			},
		);
		const summary = summarize(uploaded, execution.clock.monotonic() - startedAt);
		showHint(execution.context, summary.sentence);
		if (!hasSummary) showHint(execution.context, NO_SUMMARY);
		const filesLeftOut = collected.files.length - files.length;
		showWhatIsLeftOut(execution.context, { ...collected, filesLeftOut });
		warnOfLoop(execution.context);
		return [{ json: { ...record, ...summary.counts } }];
	},
});

const NO_SUMMARY =
	'KooDrive rejected the summary of the backup, so lists show no number of files and no size.';

function showWhatIsLeftOut(
	context: IExecuteFunctions,
	{ fieldsLeftOut, filesLeftOut }: { fieldsLeftOut: number; filesLeftOut: number },
): void {
	if (fieldsLeftOut > 0) {
		const fields = fieldsLeftOut === 1 ? '1 binary field' : `${fieldsLeftOut} binary fields`;
		showHint(context, `Left out ${fields}, because 'Input Data Field Name' doesn't name them.`);
	}
	if (filesLeftOut === 0) return;
	showHint(context, `Left out ${countFiles(filesLeftOut)}, because of 'File Names'.`);
}

/** Retention counts each backup, so that a few rounds of one night would take the place of the nights before. */
function warnOfLoop(context: IExecuteFunctions): void {
	const { $runIndex: runIndex } = context.getWorkflowDataProxy(0);
	if (typeof runIndex !== 'number' || runIndex === 0) return;
	const text = `This is backup ${runIndex + 1} of this execution. Place the node behind the loop to make one backup.`;
	showHint(context, text, 'warning');
}

/** One node makes one backup, whatever its items say. */
function requireSame<Values>(
	items: Array<Item<Values>>,
	name: string,
	read: (item: Item<Values>) => string,
): string {
	const values = [...new Set(items.map((item) => read(item)))];
	const [value] = values;
	if (value !== undefined && values.length === 1) return value;
	throw new UserError(
		`'${name}' must be the same for all items, but the items have ${values.length} different values (${values.slice(0, 3).join(', ')}${values.length > 3 ? ', ...' : ''}). Use one node for each, or the Loop Over Items node.`,
	);
}

/** What a backup consists of, and what was sent of it. */
export interface BackupCounts {
	files: number;
	bytes: number;
	filesUploaded: number;
	bytesUploaded: number;
	/** Those whose content KooDrive stored already. */
	filesAlreadyStored: number;
	durationSeconds: number;
}

/** @param duration in milliseconds */
function summarize(
	uploaded: readonly UploadedFile[],
	duration: number,
): { counts: BackupCounts & Record<string, number>; sentence: string } {
	const sent = uploaded.filter(({ alreadyStored }) => !alreadyStored);
	const counts = {
		files: uploaded.length,
		bytes: countBytes(uploaded),
		filesUploaded: sent.length,
		bytesUploaded: countBytes(sent),
		filesAlreadyStored: uploaded.length - sent.length,
		durationSeconds: Math.round(duration / 100) / 10,
	};
	const stored =
		counts.filesAlreadyStored === 0
			? ''
			: ` KooDrive stored the content of ${counts.filesAlreadyStored} of them already.`;
	const { files, bytes, durationSeconds, bytesUploaded } = counts;
	const backedUp = formatTransfer(files, bytes, durationSeconds, bytesUploaded);
	return { counts, sentence: `Backed up ${backedUp}.${stored}` };
}

function countBytes(files: readonly UploadedFile[]): number {
	return files.reduce((sum, { size }) => sum + size, 0);
}
