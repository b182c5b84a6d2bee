import type { IDataObject } from 'n8n-workflow';

import { uriEncode } from '../../../credentials/wire';
import { isJsonObject, parseId, withIdAsText } from '../http/json';
import type { KooDriveRequest } from '../http/request';

const DEVICES_PATH = '/koodrive/ose/v1/backup/device';

/** What a device is bound with. */
export interface NewDevice {
	machineCode: string;
	deviceName: string;
	deviceOS: string;
}

/** What binding a machine code twice does isn't documented. Source: KooDrive API Reference, bindDevice. */
export function bindDevice(device: NewDevice): KooDriveRequest {
	return { method: 'POST', path: DEVICES_PATH, body: { ...device }, idempotent: false };
}

/** All devices come in one response. Source: KooDrive API Reference, listBoundDevice. */
export const LIST_DEVICES: KooDriveRequest = {
	method: 'GET',
	path: DEVICES_PATH,
	idempotent: true,
};

/**
 * What becomes of the device's backups isn't documented. That it may be sent again is assumed of what it does.
 * Source: KooDrive API Reference, unbindDevice.
 */
export function unbindDevice(deviceId: string): KooDriveRequest {
	return { method: 'DELETE', path: `${DEVICES_PATH}/${uriEncode(deviceId)}`, idempotent: true };
}

/** @returns a device with its ID as text */
export function toDevice(device: IDataObject): IDataObject {
	return withIdAsText(device, 'deviceId');
}

/** @returns the device of a response, or `undefined` where the response names none */
export function readDevice({ data }: IDataObject): IDataObject | undefined {
	if (!isJsonObject(data)) return undefined;
	return parseId(data.deviceId) === undefined ? undefined : toDevice(data);
}
