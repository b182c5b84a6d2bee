import type { IDataObject } from 'n8n-workflow';

import { moduleCode, moduleCodeField } from '../../shared/parameters/moduleCode';
import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { includeLockDetailsOption, includesLockDetails } from '../fields';
import { LOCK_PATH } from '../lockRequest';
import { lockTimes } from '../lockTimes';
import { lockWords } from '../words';

/** Obtains a lock that lives 10 minutes. Source: KooDrive API Reference, "Creating a Backup Lock". */
export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a backup lock',
		description: 'Get a backup lock before a backup begins. It lives 10 minutes.',
	},
	fields: [moduleCodeField('What is going to be backed up')],
	options: [includeLockDetailsOption],
	words: {
		...lockWords,
		done: 'created',
		unclear:
			'KooDrive may have created a lock all the same; it expires by itself after 10 minutes.',
	},
	run: singleCall({
		toRequest: (item) => ({
			method: 'POST',
			path: LOCK_PATH,
			body: { moduleCode: moduleCode(item) },
			// It would make a second lock.
			idempotent: false,
		}),
		toOutput: ({ body, answeredAt, item }) => {
			const { data, ...rest } = body;
			const { lockId, ...furtherData } = (data ?? {}) as IDataObject;
			if (typeof lockId !== 'string' || lockId.trim() === '') return undefined;
			const output = { ...rest, ...furtherData, lockId };
			if (!includesLockDetails(item)) return output;
			const { startsAt: createdAt, expiresAt } = lockTimes(answeredAt());
			return { ...output, createdAt, expiresAt };
		},
	}),
};
