import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { headerValue } from '../../credentials/wire/headerValue';
import type { Item } from '../shared/run/operation';

const WHERE_TO_FIX =
	'Enter the ID of the lock, or an expression for it such as {{ $json.lockId }}, and check that the step before hands it over.';

/**
 * Makes the Lock ID field of an operation's panel.
 *
 * @param description what the field is for
 * @returns the field
 */
export function lockIdField(description: string): INodeProperties {
	return {
		displayName: 'Lock ID',
		name: 'lockId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 78e41c7e-db02-4d55-85b3-8153e4fefd2e@102',
		description,
	};
}

/**
 * Reads the Lock ID of an item. Its form is not promised, so anything that can stand in a header passes.
 *
 * @param item the item
 * @returns the lock's ID
 * @throws UserError when it is not text, is empty or holds a character outside visible ASCII
 * Source: KooDrive API Reference, "Backup Lock Renewal", request header `x-backup-lock-id`.
 */
export function lockId(item: Item): string {
	return headerValue(item.parameter('lockId'), 'Lock ID', WHERE_TO_FIX);
}

/** The entry of the Options that adds to the output what a next step may want to know of the lock. */
export const includeLockDetailsOption: INodeProperties = {
	displayName: 'Include Lock Details',
	name: 'includeLockDetails',
	type: 'boolean',
	default: false,
	description:
		"Whether to add the lock's ID and, by KooDrive's clock, when it was renewed or created and when it expires",
};

/**
 * Reads whether the user asked for the lock's details.
 *
 * @param item the item
 * @returns whether Include Lock Details is on
 */
export function includesLockDetails(item: Item): boolean {
	return item.parameter('options.includeLockDetails') === true;
}

const MODULE_CODES = [
	{ name: 'Address Book Backup', value: '102' },
	{ name: 'Album Backup', value: '101' },
	{ name: 'Folder Backup', value: '100' },
];

/** The field that says what is backed up. Source: KooDrive API Reference, "Creating a Backup Lock". */
export const moduleCodeField: INodeProperties = {
	displayName: 'Module Code',
	name: 'moduleCode',
	type: 'options',
	options: MODULE_CODES,
	required: true,
	default: '100',
	description: 'What is going to be backed up',
};

/**
 * Reads the Module Code of an item.
 *
 * @param item the item
 * @returns the code as KooDrive wants it
 * @throws UserError when it is none that KooDrive knows
 * Source: KooDrive API Reference, "Creating a Backup Lock", body field `moduleCode`.
 */
export function moduleCode(item: Item): string {
	const code = String(item.parameter('moduleCode'));
	if (MODULE_CODES.some((known) => known.value === code)) return code;
	throw new UserError(
		'The Module Code is none that KooDrive knows. Choose 100 (folder backup), 101 (album backup) or 102 (address book backup).',
	);
}
