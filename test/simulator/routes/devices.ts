import type { Devices } from '../devices';
import type { Reply } from '../replies';
import { dataReply, objectIn, parameterCheckFailed, resourceMissing } from '../replies';
import type { Route } from './route';
import { route } from './route';

const DEVICES = '/koodrive/ose/v1/backup/device';
const MACHINE_CODE = /^[a-zA-Z0-9_]{1,64}$/;
const DEVICE_NAME = /^[a-zA-Z0-9-_\s]{1,32}$/;
const DEVICE_OS = /^[a-zA-Z0-9_\s]{1,32}$/;

/** The pages bindDevice, listBoundDevice and unbindDevice. */
export function deviceRoutes(devices: Devices): Route[] {
	return [
		route('POST', DEVICES, ({ body }) => bindDevice(devices, body)),
		route('GET', DEVICES, () => dataReply([...devices.devices.values()])),
		route('DELETE', `${DEVICES}/{id}`, (_request, id) => {
			const device = devices.unbind(id);
			return device === undefined ? resourceMissing : dataReply(device);
		}),
	];
}

function bindDevice(devices: Devices, body: Buffer): Reply {
	const { machineCode, deviceName, deviceOS } = objectIn(body) ?? {};
	const isValid =
		matches(machineCode, MACHINE_CODE) &&
		matches(deviceName, DEVICE_NAME) &&
		matches(deviceOS, DEVICE_OS);
	return isValid
		? dataReply(devices.bind(machineCode, deviceName, deviceOS))
		: parameterCheckFailed;
}

function matches(value: unknown, pattern: RegExp): value is string {
	return typeof value === 'string' && pattern.test(value);
}
