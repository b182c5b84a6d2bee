import { uriEncode } from '../../../../credentials/wire';
import type { Operation } from '../../../shared/execution/operation';
import { singleRequest } from '../../../shared/execution/singleRequest';
import { isJsonObject } from '../../../shared/http/json';
import { createDeviceField, DEVICES_PATH, readDeviceIdForPath } from '../../descriptions/deviceId';
import { deviceMessages } from './device';

/**
 * Unbinds a device. That it may be sent again is assumed of what it does.
 *
 * Source: KooDrive API Reference, unbindDevice. What becomes of the device's backups isn't documented.
 */
export const unbind: Operation = {
	option: {
		name: 'Unbind',
		value: 'unbind',
		action: 'Unbind device',
		description:
			"Remove a device. KooDrive doesn't document what happens to the device's backups, so make sure that you don't need them.",
	},
	fields: [
		createDeviceField(
			"The device to unbind. KooDrive doesn't document what happens to its backups, so make sure that you don't need them.",
		),
	],
	messages: { ...deviceMessages, done: 'unbound' },
	idField: 'deviceId',
	execute: singleRequest({
		read: readDeviceIdForPath,
		toRequest: (deviceId) => ({
			method: 'DELETE',
			path: `${DEVICES_PATH}/${uriEncode(deviceId)}`,
			idempotent: true,
		}),
		// The device is unbound, even if the response doesn't describe it.
		toOutput: ({ body: { data }, input: deviceId }) =>
			isJsonObject(data) ? { ...data, deviceId } : { deviceId },
		recoverAlreadyDone: ({ reason }, deviceId) =>
			reason === 'notFound' ? { deviceId } : undefined,
	}),
};
