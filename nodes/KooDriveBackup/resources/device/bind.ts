import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../../../shared/errors/failure';
import { getReason } from '../../../shared/errors/reasons';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { Operation } from '../../../shared/execution/operation';
import type { KooDriveClient } from '../../../shared/http/client';
import { requireList } from '../../../shared/http/pages';
import type { KooDriveRequest } from '../../../shared/http/request';
import { toRequestFailedError } from '../../../shared/http/result';
import { DEVICES_PATH } from '../../descriptions/deviceId';
import { deviceMessages, LIST_DEVICES, readDevice, toDevice } from './device';
import type { DeviceToBind } from './deviceToBind';
import { deviceNameField, deviceOptions, readDeviceToBind } from './deviceToBind';

/** Makes this n8n instance a device, or returns the device that it is. Source: KooDrive API Reference, bindDevice. */
export const bind: Operation = {
	option: {
		name: 'Bind',
		value: 'bind',
		action: 'Bind device',
		description:
			'Register this n8n instance as a device, once, so that it can create backups. Returns the existing device if it is bound already.',
	},
	fields: [deviceNameField],
	options: deviceOptions,
	messages: {
		...deviceMessages,
		done: 'bound',
		mayHaveExecuted:
			'You can safely run the node again: if the device is bound by now, the node returns it.',
	},
	async execute(item, execution) {
		const device = readDeviceToBind(item, execution.context.getInstanceId());
		return { ok: true, items: [{ json: await bindOnce(item, execution, device) }] };
	},
};

/** What is being bound, by client and machine code. Each execution of a node has its own clients. */
const inProgress = new WeakMap<KooDriveClient, Map<string, Promise<IDataObject>>>();

/** Binds a device for the first of the items that name it; the others would send the same at the same time. */
async function bindOnce(
	item: Item,
	execution: NodeExecution,
	device: DeviceToBind,
): Promise<IDataObject> {
	const devices = inProgress.get(item.client) ?? new Map<string, Promise<IDataObject>>();
	inProgress.set(item.client, devices);
	const known = devices.get(device.machineCode);
	if (known !== undefined) {
		// Holding the place here would keep the item that binds it from getting one back.
		return await item.place.releaseDuring(async () => await known, execution.clock.monotonic());
	}
	const bound = bindUnlessBound(item, execution, device);
	devices.set(device.machineCode, bound);
	return await bound;
}

/**
 * Binds a device if none with its machine code is bound. If the outcome is unknown, it looks for the device
 * before it sends the request once more.
 *
 * What binding a machine code twice does isn't documented, so it's avoided. That two devices with the same machine
 * code are the same device is assumed.
 *
 * @throws RequestFailedError when the devices can't be listed, or the device can't be bound
 * Source: KooDrive API Reference, bindDevice and listBoundDevice.
 */
async function bindUnlessBound(
	item: Item,
	execution: NodeExecution,
	device: DeviceToBind,
): Promise<IDataObject> {
	const find = async () => await findDevice(item, execution, device.machineCode);
	const bound = await find();
	if (bound !== undefined) return bound;
	const request: KooDriveRequest = {
		method: 'POST',
		path: DEVICES_PATH,
		body: { ...device },
		idempotent: false,
	};
	for (let isLast = false; ; isLast = true) {
		const result = await execution.send(item, request);
		const created = result.ok ? readDevice(result.body) : undefined;
		if (created !== undefined) return created;
		const error = toRequestFailedError(result);
		if (!isOutcomeUnknown(error.failure)) throw error;
		const found = await find().catch(async () => await Promise.reject<undefined>(error));
		if (found !== undefined) return found;
		if (isLast) throw error;
	}
}

function isOutcomeUnknown({ reason }: Failure): boolean {
	return getReason(reason).mayHaveExecuted && reason !== 'canceled';
}

/**
 * @returns the device with this machine code, or `undefined` where none is bound
 * @throws RequestFailedError when the devices can't be listed
 */
async function findDevice(
	item: Item,
	execution: NodeExecution,
	machineCode: string,
): Promise<IDataObject | undefined> {
	// Not the list that an earlier request of this execution got.
	const devices = requireList(await execution.send(item, LIST_DEVICES));
	const device = devices.find((entry) => entry.machineCode === machineCode);
	return device === undefined ? undefined : toDevice(device);
}
