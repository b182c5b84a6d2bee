import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from './itemParameters';

const OPTIONS = [
	{ name: 'Address Book Backup', value: '102' },
	{ name: 'Album Backup', value: '101' },
	{ name: 'Folder Backup', value: '100' },
];

/** All module codes. Source: KooDrive API Reference, "Creating a Backup Lock". */
export const MODULE_CODES = OPTIONS.map(({ value }) => value);

/** The Module Code field. Source: KooDrive API Reference, "Creating a Backup Lock". */
export function createModuleCodeField(description: string): INodeProperties {
	return {
		displayName: 'Module Code',
		name: 'moduleCode',
		type: 'options',
		options: OPTIONS,
		required: true,
		default: '100',
		description,
	};
}

/**
 * @returns the code as KooDrive expects it
 * @throws UserError when KooDrive doesn't have it
 * Source: KooDrive API Reference, "Creating a Backup Lock", body field `moduleCode`.
 */
export function readModuleCode(item: ItemParameters): string {
	const code = String(item.getParameter('moduleCode'));
	if (MODULE_CODES.includes(code)) return code;
	throw new UserError(
		"'Module Code' must be 100 (folder backup), 101 (album backup), or 102 (address book backup).",
	);
}
