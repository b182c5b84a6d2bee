import type { IDataObject } from 'n8n-workflow';

import { uriEncode } from '../../../credentials/wire';
import { isJsonObject, parseId, withIdAsText } from '../http/json';
import type { KooDriveRequest } from '../http/request';
import type { SendPage } from './pages';
import { readList } from './pages';

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

/**
 * Reads all devices, with their IDs as text: they come in one response.
 *
 * @throws RequestFailedError when they can't be read
 * Source: KooDrive API Reference, listBoundDevice.
 */
export async function fetchDevices(send: SendPage): Promise<IDataObject[]> {
	return readList(await send({ method: 'GET', path: DEVICES_PATH, idempotent: true })).map(
		toDevice,
	);
}

/**
 * What becomes of the device's backups isn't documented. That it may be sent again is assumed of what it does.
 * Source: KooDrive API Reference, unbindDevice.
 */
export function unbindDevice(deviceId: string): KooDriveRequest {
	return { method: 'DELETE', path: `${DEVICES_PATH}/${uriEncode(deviceId)}`, idempotent: true };
}

function toDevice(device: IDataObject): IDataObject {
	return withIdAsText(device, 'deviceId');
}

/** @returns the device of a response, or `undefined` where the response names none */
export function readDevice({ data }: IDataObject): IDataObject | undefined {
	if (!isJsonObject(data)) return undefined;
	return parseId(data.deviceId) === undefined ? undefined : toDevice(data);
}
