import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { Item } from '../../shared/run/operation';
import { jsonOf } from '../../shared/transport/parseJson';

/** The field for what the user wants to keep with a record. Source: KooDrive API Reference, "Creating a Backup Record". */
export const propertiesField: INodeProperties = {
	displayName: 'Properties (JSON)',
	name: 'properties',
	type: 'json',
	default: '',
	placeholder: 'e.g. { "files": 1204, "source": "nightly" }',
	description: 'What you want to keep with the record, as JSON. May stay empty.',
};

/**
 * Makes the part of a request's body that holds the Properties of an item. KooDrive takes them as text. Text
 * goes out as it was entered: reading it and writing it anew could change a number.
 *
 * @param item the item
 * @returns the part, without a member where the Properties are empty
 * @throws UserError when they are not JSON
 * Source: KooDrive API Reference, "Creating a Backup Record", body field `properties`.
 */
export function propertiesPart(item: Item): IDataObject {
	const entered = item.parameter('properties') ?? '';
	const properties = typeof entered === 'string' ? entered.trim() : JSON.stringify(entered);
	if (properties === '') return {};
	if (jsonOf(properties) !== undefined) return { properties };
	throw new UserError(
		'The Properties are not JSON. Write them as in { "source": "nightly" }, with double quotes, or leave the field empty.',
	);
}
