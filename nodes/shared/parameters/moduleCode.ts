import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { Item } from '../run/operation';

const MODULE_CODES = [
	{ name: 'Address Book Backup', value: '102' },
	{ name: 'Album Backup', value: '101' },
	{ name: 'Folder Backup', value: '100' },
];

/**
 * Makes the Module Code field of an operation's panel.
 *
 * @param description what the field is for
 * @returns the field
 * Source: KooDrive API Reference, "Creating a Backup Lock".
 */
export function moduleCodeField(description: string): INodeProperties {
	return {
		displayName: 'Module Code',
		name: 'moduleCode',
		type: 'options',
		options: MODULE_CODES,
		required: true,
		default: '100',
		description,
	};
}

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
