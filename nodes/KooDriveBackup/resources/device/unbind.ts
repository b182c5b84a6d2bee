import { unbindDevice } from '../../../shared/api/devices';
import { devicePathField } from '../../../shared/execution/commonFields';
import { defineRequest } from '../../../shared/execution/requestOperation';
import { isJsonObject } from '../../../shared/http/json';
import { deviceMessages } from '../messages';

export const unbind = defineRequest({
	option: {
		name: 'Unbind',
		value: 'unbind',
		action: 'Unbind device',
		description:
			"Remove a device. KooDrive doesn't document what happens to the device's backups, so make sure that you don't need them.",
	},
	fields: {
		deviceId: devicePathField(
			"The device to unbind. KooDrive doesn't document what happens to its backups, so make sure that you don't need them.",
		),
	},
	messages: { ...deviceMessages, done: 'unbound' },
	idField: 'deviceId',
	toRequest: ({ deviceId }) => unbindDevice(deviceId),
	// The device is unbound, even if the response doesn't describe it.
	toOutput: ({ body: { data } }, { deviceId }) =>
		isJsonObject(data) ? { ...data, deviceId } : { deviceId },
	recoverAlreadyDone: ({ reason }, { deviceId }) =>
		reason === 'notFound' ? { deviceId } : undefined,
});
