import { createHash } from 'node:crypto';

import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { NewDevice } from '../../../shared/api/devices';
import { bindDevice, fetchDevices, readDevice } from '../../../shared/api/devices';
import { getReason } from '../../../shared/errors/reasons';
import { onFailure, RequestFailedError } from '../../../shared/errors/failure';
import { quoteId } from '../../../shared/errors/text';
import type { Field } from '../../../shared/execution/fields';
import { optional, textField } from '../../../shared/execution/fields';
import type { Sender, NodeExecution } from '../../../shared/execution/nodeExecution';
import { defineOperation } from '../../../shared/execution/operation';
import { deviceMessages } from '../messages';

/** @param allowed what the pattern allows, in words. Source of the patterns: KooDrive API Reference, bindDevice. */
function deviceTextField(
	property: INodeProperties,
	pattern: RegExp,
	allowed: string,
): Field<string> {
	const text = textField(property, `Enter ${allowed}.`);
	return {
		property,
		read(value) {
			const entered = text.read(value ?? property.default);
			if (pattern.test(entered)) return entered;
			throw new UserError(`'${property.displayName}' must consist of ${allowed}.`);
		},
	};
}

/** Binds a device, or returns the one that is bound already. */
export const bind = defineOperation({
	option: {
		name: 'Bind',
		value: 'bind',
		action: 'Bind device',
		description:
			'Register a device, once, so that n8n can create backups of it. Returns the device if it is bound already.',
	},
	fields: {
		deviceName: deviceTextField(
			{
				displayName: 'Device Name',
				name: 'deviceName',
				type: 'string',
				required: true,
				default: '',
				placeholder: 'e.g. file-server-1',
				description:
					'What is backed up, for example a server: 1 to 32 letters, digits, spaces, hyphens, and underscores. Another name is another device.',
			},
			/^[a-zA-Z0-9\-_\s]{1,32}$/,
			'1 to 32 letters (A to Z), digits, spaces, hyphens, and underscores',
		),
	},
	options: {
		deviceOS: deviceTextField(
			{
				displayName: 'Device OS',
				name: 'deviceOS',
				type: 'string',
				default: 'n8n',
				placeholder: 'e.g. Linux',
				description:
					'The operating system that KooDrive shows for the device: 1 to 32 letters, digits, spaces, and underscores',
			},
			/^[a-zA-Z0-9_\s]{1,32}$/,
			'1 to 32 letters (A to Z), digits, spaces, and underscores',
		),
		machineCode: optional(
			deviceTextField(
				{
					displayName: 'Machine Code',
					name: 'machineCode',
					type: 'string',
					default: '',
					placeholder: 'e.g. file_server_1',
					description:
						'What identifies the device: 1 to 64 letters, digits, and underscores. By default, it is derived from this n8n instance and Device Name.',
				},
				/^[a-zA-Z0-9_]{1,64}$/,
				'1 to 64 letters (A to Z), digits, and underscores',
			),
		),
	},
	messages: {
		...deviceMessages,
		done: 'bound',
		mayHaveExecuted:
			'You can safely run the node again: if the device is bound by now, the node returns it.',
	},
	async execute(item, execution) {
		const { deviceName, deviceOS, machineCode: entered } = item.values;
		const machineCode = entered ?? toMachineCode(execution.context.getInstanceId(), deviceName);
		const device = { machineCode, deviceName, deviceOS };
		const bound = await execution.share(
			item,
			`bind ${machineCode}`,
			async () => await bindUnlessBound(item, execution, device),
		);
		if (entered !== undefined) requireName(bound, deviceName, entered);
		return [{ json: bound }];
	},
});

/**
 * Another name is another device, so that two workflows don't share their backups by accident. All processes of an n8n
 * instance have the same ID. The hash fits the pattern and doesn't disclose the ID.
 */
function toMachineCode(instanceId: string, deviceName: string): string {
	const hash = createHash('sha256').update(`${instanceId}\n${deviceName}`).digest('hex');
	return `n8n_${hash.slice(0, 32)}`;
}

/** @throws UserError when the device that has this machine code has another name */
function requireName(device: IDataObject, deviceName: string, machineCode: string): void {
	const bound = typeof device.deviceName === 'string' ? device.deviceName.trim() : deviceName;
	if (bound === deviceName) return;
	throw new UserError(
		`'Machine Code' ${machineCode} belongs to the device ${quoteId(bound)} (${String(device.deviceId)}). Enter its name in 'Device Name', or another 'Machine Code'.`,
	);
}

/**
 * Binds a device if none with its machine code is bound. If the outcome is unknown, it looks for the device
 * before it sends the request once more. Binding twice is avoided, because what it does isn't documented. That two
 * devices with the same machine code are the same device is assumed.
 *
 * @throws RequestFailedError when the devices can't be listed, or the device can't be bound
 */
async function bindUnlessBound(
	item: Sender,
	execution: NodeExecution,
	device: NewDevice,
): Promise<IDataObject> {
	const bound = await findDevice(item, execution, device);
	if (bound !== undefined) return bound;
	const first = await bindOrFind(item, execution, device);
	const last = 'device' in first ? first : await bindOrFind(item, execution, device);
	if ('device' in last) return last.device;
	throw last.error;
}

/** @returns the device, or why it isn't bound although another request may bind it */
async function bindOrFind(
	item: Sender,
	execution: NodeExecution,
	device: NewDevice,
): Promise<{ device: IDataObject } | { error: RequestFailedError }> {
	const sent = execution.send(item, bindDevice(device)).then(({ body, attempts }) => {
		const created = readDevice(body);
		if (created !== undefined) return { device: created };
		throw new RequestFailedError({ reason: 'responseIncomplete' }, attempts);
	});
	return await sent.catch(
		onFailure(async (error) => {
			if (!isOutcomeUnknown(error)) throw error;
			const found = await findDevice(item, execution, device).catch(() => {
				throw error;
			});
			return found === undefined ? { error } : { device: found };
		}),
	);
}

function isOutcomeUnknown({ failure: { reason } }: RequestFailedError): boolean {
	return getReason(reason).mayHaveExecuted && reason !== 'canceled';
}

async function findDevice(
	item: Sender,
	execution: NodeExecution,
	{ machineCode }: NewDevice,
): Promise<IDataObject | undefined> {
	// Not the list that an earlier request of this execution got.
	const devices = await fetchDevices(async (request) => await execution.send(item, request));
	return devices.find((device) => device.machineCode === machineCode);
}
