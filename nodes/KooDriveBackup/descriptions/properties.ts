import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { tryParseJson } from '../../shared/http/json';

/** Custom data of the user's, stored with a record. Source: KooDrive API Reference, "Creating a Backup Record". */
export const propertiesField: INodeProperties = {
	displayName: 'Properties (JSON)',
	name: 'properties',
	type: 'json',
	default: '',
	placeholder: 'e.g. { "source": "nightly" }',
	description: 'Custom data to store with the record, as JSON',
};

/** The Additional Fields of the operations that write a record. */
export const additionalFieldsField: INodeProperties = {
	displayName: 'Additional Fields',
	name: 'additionalFields',
	type: 'collection',
	placeholder: 'Add Field',
	default: {},
	options: [propertiesField],
};

/**
 * Reads the part of a request's body with the properties, which KooDrive takes as text. Text is sent as it was
 * entered: parsing and writing it again could change a number.
 *
 * @param collection the parameter that contains the field
 * @returns without a member where there are none
 * @throws UserError when they aren't JSON
 * Source: KooDrive API Reference, "Creating a Backup Record", body field `properties`.
 */
export function readProperties(item: ItemParameters, collection: string): IDataObject {
	const entered = item.getParameter(`${collection}.properties`) ?? '';
	const properties = typeof entered === 'string' ? entered.trim() : JSON.stringify(entered);
	if (properties === '') return {};
	if (tryParseJson(properties) !== undefined) return { properties };
	throw new UserError(
		'\'Properties (JSON)\' isn\'t valid JSON. Write it as in { "source": "nightly" }, with double quotes, or leave the field empty.',
	);
}
