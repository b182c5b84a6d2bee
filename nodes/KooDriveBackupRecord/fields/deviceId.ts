import type { INodeProperties } from 'n8n-workflow';

import { text } from '../../shared/parameters/text';
import type { Item } from '../../shared/run/operation';

const WHERE_TO_FIX =
	'Enter the ID of the device as text, or an expression for it such as {{ $json.deviceId }}.';

/** The field that says which device is backed up. Source: KooDrive API Reference, "Creating a Backup Record". */
export const deviceIdField: INodeProperties = {
	displayName: 'Device ID',
	name: 'deviceId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. file-server-1',
	description: 'The device that is backed up, by a name of your own that stays the same each night',
};

/** The field that narrows a list to one device. Source: KooDrive API Reference, "Listing Backup Records". */
export const deviceIdFilterField: INodeProperties = {
	displayName: 'Device ID',
	name: 'deviceId',
	type: 'string',
	default: '',
	placeholder: 'e.g. file-server-1',
	description: 'Only the records of this device. Leave it empty for those of all devices.',
};

/**
 * Reads the Device ID of an item.
 *
 * @param item the item
 * @returns the ID
 * @throws UserError when it is not text, or empty
 */
export function deviceId(item: Item): string {
	return text(item.parameter('deviceId'), 'Device ID', WHERE_TO_FIX);
}

/**
 * Reads the Device ID that narrows a list.
 *
 * @param item the item
 * @returns the ID, or `undefined` where the records of all devices are wanted
 * @throws UserError when it is not text
 */
export function deviceIdFilter(item: Item): string | undefined {
	return item.parameter('deviceId') === '' ? undefined : deviceId(item);
}
