import type { IDataObject } from 'n8n-workflow';

import type { SharedMessages } from '../../../shared/execution/operation';
import { isJsonObject } from '../../../shared/http/json';
import type { KooDriveRequest } from '../../../shared/http/request';
import { DEVICES_PATH } from '../../descriptions/deviceId';
import { withIdAsText } from '../record/record';

/** The request for all devices, which come in one response. Source: KooDrive API Reference, listBoundDevice. */
export const LIST_DEVICES: KooDriveRequest = {
	method: 'GET',
	path: DEVICES_PATH,
	idempotent: true,
};

/** @returns a device with its ID as text. Source: KooDrive API Reference, listBoundDevice. */
export function toDevice(device: IDataObject): IDataObject {
	return withIdAsText(device, 'deviceId');
}

/**
 * @returns the device of a response, or `undefined` where the response names none
 * Source: KooDrive API Reference, bindDevice.
 */
export function readDevice({ data }: IDataObject): IDataObject | undefined {
	if (!isJsonObject(data)) return undefined;
	const device = toDevice(data);
	const { deviceId } = device;
	return typeof deviceId === 'string' && deviceId.trim() !== '' ? device : undefined;
}

/** How operations on devices name them, and explain what happened. */
export const deviceMessages: SharedMessages = {
	one: 'device',
	many: 'devices',
	reasons: {
		parameterRejected: {
			description: "Check the fields of the node, and 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "KooDrive doesn't have this device",
			description:
				"It was unbound, or belongs to another user. Check 'Device', and 'User ID' in the KooDrive API credential.",
		},
		responseIncomplete: {
			message: "KooDrive reported success, but didn't return the device",
			description:
				'Run the node again. If the problem persists, contact your KooDrive administrator.',
		},
	},
};
