import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { fetchDevices } from '../api/devices';
import { parseId, toText } from '../http/json';
import { matchesFilter, readEntries, startList } from './startList';

const HEADLINE = "The devices can't be listed";

/**
 * Lists the devices by name, for example `file-server-1, Linux`.
 *
 * @param filter what the user typed; the ID is searched too
 * @throws NodeApiError when the list can't be read
 * @throws NodeOperationError when it's empty, so that a new user learns what to do
 */
export async function searchDevices(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const send = await startList(this, HEADLINE);
	const devices = await readEntries(this, HEADLINE, async () => await fetchDevices(send));
	if (devices.length === 0) throw noDevices(this);
	const results = devices
		.flatMap((device) => {
			const value = parseId(device.deviceId);
			return value === undefined ? [] : { name: getDeviceLabel(device, value), value };
		})
		.filter(({ name, value }) => matchesFilter(`${name} ${value}`, filter))
		.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
	return { results };
}

function noDevices(context: ILoadOptionsFunctions): NodeOperationError {
	return new NodeOperationError(
		context.getNode(),
		"KooDrive has no devices yet. Run this node once with the resource 'Device' and the operation 'Bind', then open the list again.",
	);
}

function getDeviceLabel({ deviceName, deviceOS }: IDataObject, deviceId: string): string {
	return [toText(deviceName) ?? deviceId, toText(deviceOS)].filter(Boolean).join(', ');
}
