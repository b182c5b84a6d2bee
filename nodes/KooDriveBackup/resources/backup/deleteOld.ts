import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { createModuleCodeField, readModuleCode } from '../../../shared/descriptions/moduleCode';
import { readBooleanOption } from '../../../shared/descriptions/readBoolean';
import { readWholeNumber } from '../../../shared/descriptions/readNumber';
import type { Item } from '../../../shared/execution/item';
import { unwrapLocator } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { ItemResult, Operation } from '../../../shared/execution/operation';
import type { KooDriveRequest } from '../../../shared/http/request';
import type { Failure } from '../../../shared/errors/failure';
import type { RequestResult } from '../../../shared/http/result';
import { holdLock } from '../../../shared/locks/holdLock';
import { createDeviceField, readDeviceId } from '../../descriptions/deviceId';
import { showHint } from '../../showHint';
import type { Cleanup } from './cleanup';
import { planCleanup } from './cleanup';
import { cleanupMessages, describeCleanup, toFailedCleanup } from './cleanupMessages';
import type { Deletions } from './deleteBackups';
import { deleteBackups } from './deleteBackups';
import type { Backup } from './listBackups';
import { listBackups } from './listBackups';
import type { RetentionPolicy } from './retention';
import { readRetentionPolicy, retentionField } from './retentionFields';

const DAY = 24 * 60 * 60 * 1000;

/** Milliseconds between two lines in the log. */
const PROGRESS_PERIOD = 60_000;

const deleteIncompleteAfterOption: INodeProperties = {
	displayName: 'Delete Incomplete After (Days)',
	name: 'deleteIncompleteAfter',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 36_500, numberPrecision: 0 },
	default: 7,
	description:
		'Days after which incomplete backups are deleted too (1 to 36500). Set it to more than your longest backup takes. Without this option, incomplete backups are left alone.',
};

const dryRunOption: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description: 'Whether to only return the backups that would be deleted, without deleting them',
};

/** What an item says about a cleanup. */
interface CleanupInput {
	moduleCode: string;
	deviceId: string | undefined;
	policy: RetentionPolicy;
	dryRun: boolean;
	/** Milliseconds; incomplete backups are left alone unless set. */
	deleteIncompleteAfter: number | undefined;
	zone: string;
}

/**
 * Deletes what a retention policy doesn't keep. Nothing is deleted unless the whole list could be read. The list of
 * records is read twice: without a lock, to find out whether anything is to be done, and under it.
 *
 * Source: KooDrive API Reference, "Listing Backup Records" and "Deleting Backup Records".
 */
export const deleteOld: Operation = {
	option: {
		name: 'Delete Old',
		value: 'deleteOld',
		action: 'Delete old backups',
		description:
			"Delete the backups that the retention rules don't keep, and return them. The newest completed backup of a device is never deleted.",
	},
	fields: [
		createModuleCodeField(
			'The type of the backups: 100 (folder), 101 (album), or 102 (address book)',
		),
		createDeviceField(
			'Delete only backups of this device. Leave empty to apply the rules to each device.',
			false,
		),
		retentionField,
	],
	options: [deleteIncompleteAfterOption, dryRunOption],
	messages: cleanupMessages,
	outlastsOutages: true,
	async execute(item, execution): Promise<ItemResult> {
		const input = readInput(item, execution.context);
		const { context } = execution;
		const send = async (request: KooDriveRequest) => await execution.request(item, request);
		const cleanup = await planFor(item, input, send);
		if (input.dryRun) {
			showHint(context, describeCleanup(cleanup, undefined), getHintType(cleanup));
			return toItems(cleanup.backups, { deleted: false, wouldDelete: true });
		}
		if (cleanup.backups.length > 0) return await deleteOldBackups(item, execution, input);
		return finish(context, cleanup, { deleted: [], failed: [] });
	},
};

/** @throws UserError when a parameter or the workflow's time zone isn't valid */
function readInput(item: Item, context: IExecuteFunctions): CleanupInput {
	return {
		moduleCode: readModuleCode(item),
		deviceId: readDevice(item, context),
		policy: readRetentionPolicy(item),
		dryRun: readBooleanOption(item, dryRunOption),
		deleteIncompleteAfter: readDeleteIncompleteAfter(item),
		zone: readTimezone(context),
	};
}

/**
 * An expression that returns nothing must not turn one device into all of them.
 *
 * @returns `undefined` where the user left the field empty
 */
function readDevice(item: Item, context: IExecuteFunctions): string | undefined {
	const entered = unwrapLocator(context.getNode().parameters.deviceId);
	const isExpression = typeof entered === 'string' && entered.startsWith('=');
	return item.getParameter('deviceId') === '' && !isExpression ? undefined : readDeviceId(item);
}

/** @returns milliseconds; `undefined` where the option isn't set */
function readDeleteIncompleteAfter(item: Item): number | undefined {
	const { name, displayName } = deleteIncompleteAfterOption;
	const value = item.getParameter(`options.${name}`);
	if (value === null || value === undefined) return undefined;
	return readWholeNumber(value, displayName, deleteIncompleteAfterOption) * DAY;
}

function readTimezone(context: IExecuteFunctions): string {
	const zone = context.getTimezone();
	if (DateTime.fromMillis(0, { zone }).isValid) return zone;
	throw new UserError(
		`The workflow's timezone "${zone}" isn't valid. Select another 'Timezone' in the settings of the workflow.`,
	);
}

async function planFor(
	{ client }: Item,
	{ moduleCode, deviceId, zone, policy, deleteIncompleteAfter }: CleanupInput,
	send: (request: KooDriveRequest) => Promise<RequestResult>,
): Promise<Cleanup> {
	const now = () => client.serverClock.now();
	const list = await listBackups({ moduleCode, deviceId, zone, send, now });
	const incompleteBefore =
		deleteIncompleteAfter === undefined ? undefined : list.readAt - deleteIncompleteAfter;
	return planCleanup(list, policy, incompleteBefore);
}

async function deleteOldBackups(
	item: Item,
	execution: NodeExecution,
	input: CleanupInput,
): Promise<ItemResult> {
	const { context } = execution;
	return await holdLock(item, execution, input.moduleCode, async (lock): Promise<ItemResult> => {
		const { lockId, stopSignal } = lock;
		const send = async (request: KooDriveRequest) =>
			await execution.send(item, request, stopSignal);
		// What was read without the lock may have changed.
		const cleanup = await planFor(item, input, send);
		const onProgress = logProgress(execution, cleanup.backups.length);
		const { backups } = cleanup;
		const deletions = await deleteBackups(backups, { lockId, send, stopSignal, onProgress });
		return finish(context, cleanup, deletions, lock.getLoss());
	});
}

/** @param loss why the lock was lost, if it was */
function finish(
	context: IExecuteFunctions,
	cleanup: Cleanup,
	deletions: Deletions,
	loss?: Failure,
): ItemResult {
	const { deleted } = deletions;
	showHint(context, describeCleanup(cleanup, deleted.length), getHintType(cleanup));
	const isComplete = deleted.length === cleanup.backups.length;
	if (isComplete && cleanup.skipped.length === 0) return toItems(deleted, { deleted: true });
	return toFailedCleanup(cleanup, deletions, isComplete ? undefined : loss);
}

function toItems(backups: readonly Backup[], more: IDataObject): ItemResult {
	return { ok: true, items: backups.map(({ record }) => ({ json: { ...record, ...more } })) };
}

function getHintType({ skipped }: Cleanup): 'info' | 'warning' {
	return skipped.length > 0 ? 'warning' : 'info';
}

/** @returns logs, once a minute, how many backups were deleted */
function logProgress({ context, clock }: NodeExecution, total: number): (deleted: number) => void {
	let loggedAt = clock.monotonic();
	return (deleted) => {
		if (clock.monotonic() < loggedAt + PROGRESS_PERIOD) return;
		loggedAt = clock.monotonic();
		context.logger.info(`Deleted ${deleted} of ${total} old backups so far`);
	};
}
