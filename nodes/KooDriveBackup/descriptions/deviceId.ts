import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { readId } from '../../shared/descriptions/readId';
import { readText } from '../../shared/descriptions/readText';

const WHERE_TO_FIX =
	"Select a device from the list, or enter its ID as text or as an expression such as {{ $json.deviceId }}. To use this n8n as a device, run 'Bind' of the resource 'Device' once.";

/** The path of KooDrive's devices. Source: KooDrive API Reference, listBoundDevice. */
export const DEVICES_PATH = '/koodrive/ose/v1/backup/device';

/** The Device field. Source: KooDrive API Reference, "Creating a Backup Record". */
export function createDeviceField(description: string, required = true): INodeProperties {
	return {
		displayName: 'Device',
		name: 'deviceId',
		type: 'resourceLocator',
		required,
		default: { mode: 'list', value: '' },
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a device...',
				typeOptions: { searchListMethod: 'searchDevices', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 1842862763295184000',
			},
		],
	};
}

/** @throws UserError when it isn't text, or empty */
export function readDeviceId(item: ItemParameters, path = 'deviceId'): string {
	return readText(item.getParameter(path), 'Device', WHERE_TO_FIX);
}

/** @throws UserError when it isn't text, is empty, or can't be an ID in a path */
export function readDeviceIdForPath(item: ItemParameters): string {
	return readId(item.getParameter('deviceId'), 'Device', WHERE_TO_FIX);
}

/**
 * @returns `undefined` where the records of all devices are wanted
 * @throws UserError when it isn't text
 */
export function readOptionalDeviceId(item: ItemParameters, path = 'deviceId'): string | undefined {
	const value = item.getParameter(path) ?? '';
	return value === '' ? undefined : readDeviceId(item, path);
}
