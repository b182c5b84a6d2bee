import type { IDataObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { lockTimes } from '../lockTimes';
import type { Operation } from '../../shared/run/operation';

const MODULE_CODES = [
	{ name: 'Address Book Backup', value: '102' },
	{ name: 'Album Backup', value: '101' },
	{ name: 'Folder Backup', value: '100' },
];

/** Obtains a lock that lives 10 minutes. Source: KooDrive API Reference, "Creating a Backup Lock". */
export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a backup lock',
		description: 'Get a backup lock before a backup begins. It lives 10 minutes.',
	},
	fields: [
		{
			displayName: 'Module Code',
			name: 'moduleCode',
			type: 'options',
			options: MODULE_CODES,
			required: true,
			default: '100',
			description: 'What is going to be backed up',
			displayOptions: { show: { operation: ['create'] } },
		},
	],
	texts: {
		failed: () => 'No backup lock was created',
		failedOf: (failedCount, count) => `${failedCount} of ${count} locks were not created`,
		unclear:
			'KooDrive may have created a lock all the same; it expires by itself after 10 minutes.',
	},
	repeatable: false,
	toRequest: (parameter) => ({
		method: 'POST',
		path: '/koodrive/ose/v1/backup/lock',
		body: { moduleCode: moduleCode(parameter('moduleCode')) },
	}),
	toOutput: ({ answer, answeredAt, includeLockDetails }) => {
		const { data, ...rest } = answer.body;
		const { lockId, ...furtherData } = (data ?? {}) as IDataObject;
		if (typeof lockId !== 'string' || lockId === '') return undefined;
		const output = { ...rest, ...furtherData, lockId };
		if (!includeLockDetails) return output;
		const { startsAt: createdAt, expiresAt } = lockTimes(answeredAt());
		return { ...output, createdAt, expiresAt };
	},
};

function moduleCode(value: unknown): string {
	const code = String(value);
	if (MODULE_CODES.some((known) => known.value === code)) return code;
	throw new UserError(
		'The Module Code is none that KooDrive knows. Choose 100 (folder backup), 101 (album backup) or 102 (address book backup).',
	);
}
