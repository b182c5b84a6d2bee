import { UserError } from 'n8n-workflow';

import { createModuleCodeField, readModuleCode } from '../../../shared/descriptions/moduleCode';
import { readBooleanOption } from '../../../shared/descriptions/readBoolean';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { ItemResult, Operation } from '../../../shared/execution/operation';
import { holdLock } from '../../../shared/locks/holdLock';
import { createInputField } from '../../descriptions/binaryField';
import { createDeviceField, readDeviceId } from '../../descriptions/deviceId';
import {
	parallelTransfersOption,
	readParallelTransfers,
} from '../../descriptions/parallelTransfers';
import { propertiesField, readProperties } from '../../descriptions/properties';
import { skipStoredOption } from '../../descriptions/skipStored';
import { collectFiles } from '../../transfer/collectFiles';
import { getSharedTransfers } from '../../transfer/sharedTransfers';
import { showHint } from '../../showHint';
import { BackupRun } from './backupRun';
import { backupMessages } from './messages';
import { summarize } from './summary';

/**
 * Backs up the files of all input items in one record.
 *
 * Source: KooDrive API Reference, "Creating a Backup Lock", "Creating a Backup Record", "Creating a Backup File", and
 * "Completing the Backup". That these belong together in this order is assumed.
 */
export const backUp: Operation = {
	option: {
		name: 'Back Up',
		value: 'backUp',
		action: 'Back up files',
		description: 'Back up the files of all input items as one complete backup',
	},
	fields: [
		createModuleCodeField(
			'The type of the backup: 100 (folder), 101 (album), or 102 (address book)',
		),
		createDeviceField('The device that is backed up'),
		{
			...createInputField('The binary field with the files to back up'),
			hint: 'The name of the input field containing the binary file data. Separate several names with commas.',
		},
	],
	options: [parallelTransfersOption, propertiesField, skipStoredOption],
	messages: { ...backupMessages, done: 'completed' },
	outlastsOutages: true,
	executeAll: executeBackUp,
};

async function executeBackUp(items: Item[], execution: NodeExecution): Promise<ItemResult> {
	const [first] = items;
	if (first === undefined)
		throw new UserError('There is nothing to back up: the node got no items.');
	const moduleCode = requireSame(items, 'Module Code', readModuleCode);
	const deviceId = requireSame(items, 'Device', readDeviceId);
	const parallelTransfers = readParallelTransfers(first);
	const properties = readProperties(first, 'options');
	const skipStored = readBooleanOption(first, skipStoredOption);
	const files = collectFiles(items, execution.context);
	const startedAt = execution.clock.monotonic();
	const { record, uploaded } = await holdLock(first, execution, moduleCode, async (lock) => {
		const shared = getSharedTransfers(execution, parallelTransfers);
		const newRecord = { moduleCode, deviceId, properties };
		return await new BackupRun(execution, first, shared, lock, newRecord).run(files, skipStored);
	});
	const summary = summarize(uploaded, execution.clock.monotonic() - startedAt);
	showHint(execution.context, summary.sentence);
	return { ok: true, items: [{ json: { ...record, ...summary.counts } }] };
}

/** One node makes one backup, whatever its items say. */
function requireSame(items: Item[], name: string, read: (item: Item) => string): string {
	const values = [...new Set(items.map((item) => read(item)))];
	const [value] = values;
	if (value !== undefined && values.length === 1) return value;
	throw new UserError(
		`'${name}' must be the same for all items, but the items have ${values.length} different values (${values.slice(0, 3).join(', ')}${values.length > 3 ? ', ...' : ''}). Use one node for each, or the Loop Over Items node.`,
	);
}
