import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { createModuleCodeField, readModuleCode } from '../../shared/descriptions/moduleCode';
import type { Operation } from '../../shared/execution/operation';
import { singleRequest } from '../../shared/execution/singleRequest';
import { readCreatedLock, toCreateLockRequest } from '../../shared/locks/lockRequests';
import { lockMessages } from '../../shared/locks/messages';
import { includeLockDetailsOption, readIncludeLockDetails, toLockTimes } from '../lock';
import type { RenewalTiming } from '../renewal';
import { readRenewalTiming, renewalOptions, toHoldOptions } from '../renewal';

/**
 * A group of fields, so that the editor shows them with their defaults as soon as the option is added, and saves
 * the option even if none of them is changed: it leaves out an empty collection.
 */
const keepAliveOption: INodeProperties = {
	displayName: 'Keep Alive',
	name: 'keepAlive',
	type: 'fixedCollection',
	// Without this, editors before n8n 2.20 don't save a group whose fields are unchanged, and Create couldn't reject it.
	typeOptions: { multipleValues: false },
	placeholder: 'Add Renewal',
	default: { renewal: {} },
	options: [{ displayName: 'Renewal', name: 'renewal', values: renewalOptions }],
	description:
		'Renew the new lock in the background until the workflow ends, fails, or is stopped, then release it',
};

/** Creates a lock that lives 10 minutes. Source: KooDrive API Reference, "Creating a Backup Lock". */
export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create backup lock',
		description:
			'Create a lock at the start of a backup. It expires after 10 minutes unless it is renewed.',
	},
	fields: [
		createModuleCodeField(
			'The type of the backup: 100 (folder), 101 (album), or 102 (address book)',
		),
	],
	options: [includeLockDetailsOption, keepAliveOption],
	messages: {
		...lockMessages,
		done: 'created',
		mayHaveExecuted: 'KooDrive may have created a lock anyway. It expires after 10 minutes.',
	},
	execute: singleRequest({
		read: (item) => ({
			moduleCode: readModuleCode(item),
			includeLockDetails: readIncludeLockDetails(item),
			keepAlive: readKeepAlive(item),
		}),
		preflight: ({ keepAlive }, leases) => {
			if (keepAlive !== undefined) leases.requireSupport();
			return undefined;
		},
		toRequest: ({ moduleCode }) => toCreateLockRequest(moduleCode),
		toOutput: ({ body, input, getResponseTime }) => {
			const { data, ...rest } = body;
			const lock = readCreatedLock(data);
			if (lock === undefined) return undefined;
			const output = { ...rest, ...lock };
			if (!input.includeLockDetails) return output;
			const { startsAt: createdAt, expiresAt } = toLockTimes(getResponseTime());
			return { ...output, createdAt, expiresAt };
		},
		onSuccess: ({ body, input, sentAt }, leases, item) => {
			const lock = readCreatedLock(body.data);
			if (input.keepAlive === undefined || lock === undefined) return;
			leases.hold(lock.lockId, item, toHoldOptions(lock.lockId, input.keepAlive, true), sentAt);
		},
	}),
};

/**
 * @returns `undefined` where the option isn't set; it's set without its group too, because n8n leaves an empty object
 * of a value in any other shape
 * @throws UserError when a field isn't valid
 */
function readKeepAlive(item: ItemParameters): RenewalTiming | undefined {
	if (item.getParameter('options.keepAlive') === null) return undefined;
	return readRenewalTiming(item, 'options.keepAlive.renewal');
}
