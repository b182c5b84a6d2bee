import omit from 'lodash/omit';
import pick from 'lodash/pick';

import { createLock, readCreatedLock } from '../../shared/api/locks';
import { moduleCodeField } from '../../shared/execution/commonFields';
import type { Field } from '../../shared/execution/fields';
import { collectionField } from '../../shared/execution/fields';
import { defineRequest } from '../../shared/execution/requestOperation';
import { lockMessages } from '../../shared/leases/lockMessages';
import type { RenewalTiming } from '../../shared/leases/locks';
import { keepAlive, requireFinishHandler } from '../../shared/leases/locks';
import { includeLockDetails, renewalFields, toLockTimes, toRenewalTiming } from '../lock';

const renewal = collectionField({ displayName: 'Renewal', name: 'renewal' }, renewalFields);

/**
 * A group of fields, so that the editor shows them with their defaults as soon as the option is added, and saves
 * the option even if none of them is changed: it leaves out an empty collection.
 */
const keepAliveField: Field<RenewalTiming | undefined> = {
	property: {
		displayName: 'Keep Alive',
		name: 'keepAlive',
		type: 'fixedCollection',
		// Without this, editors before n8n 2.20 don't save a group whose fields are unchanged, and Create couldn't reject it.
		typeOptions: { multipleValues: false },
		placeholder: 'Add Renewal',
		default: { renewal: {} },
		options: [
			{
				displayName: 'Renewal',
				name: 'renewal',
				values: Object.values(renewalFields).map(({ property }) => property),
			},
		],
		description:
			'Renew the new lock in the background until the workflow ends, fails, or is stopped, then release it',
	},
	// It's set without its group too, because n8n leaves an empty object of a value in any other shape.
	read(value) {
		if (value === null) return undefined;
		return toRenewalTiming(renewal.read((value as { renewal?: object }).renewal));
	},
};

/** Creates a lock that lives 10 minutes. */
export const create = defineRequest({
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create backup lock',
		description:
			'Create a lock at the start of a backup. It expires after 10 minutes unless it is renewed.',
	},
	fields: { moduleCode: moduleCodeField('The type of the backup') },
	options: { includeLockDetails, keepAlive: keepAliveField },
	messages: {
		...lockMessages,
		done: 'created',
		mayHaveExecuted: 'KooDrive may have created a lock anyway. It expires after 10 minutes.',
	},
	prepare(values, { context }) {
		if (values.keepAlive !== undefined) requireFinishHandler(context);
	},
	toRequest: ({ moduleCode }) => createLock(moduleCode),
	toOutput({ body, getResponseTime }, values) {
		const lock = readCreatedLock(body);
		if (lock === undefined) return undefined;
		const output = { ...omit(body, 'data'), ...lock, ...pick(body, ['code', 'msg']) };
		if (!values.includeLockDetails) return output;
		const { startsAt: createdAt, expiresAt } = toLockTimes(getResponseTime());
		return { ...output, createdAt, expiresAt };
	},
	onSuccess({ body, attempts }, item, execution) {
		const lock = readCreatedLock(body);
		const timing = item.values.keepAlive;
		if (timing === undefined || lock === undefined) return;
		const options = { ...timing, releaseAtEnd: true };
		keepAlive(lock.lockId, item, execution, options, attempts.startedAt);
	},
});
