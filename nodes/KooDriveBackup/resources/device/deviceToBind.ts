import { createHash } from 'node:crypto';

import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from '../../../shared/descriptions/itemParameters';
import { readText } from '../../../shared/descriptions/readText';

/** A field of a device, and what KooDrive accepts in it. Source: KooDrive API Reference, bindDevice. */
interface DeviceField {
	field: INodeProperties;
	pattern: RegExp;
	/** What the pattern allows, in words. */
	allowed: string;
}

const DEVICE_NAME: DeviceField = {
	field: {
		displayName: 'Device Name',
		name: 'deviceName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. n8n-production',
		description:
			'The name under which KooDrive shows this n8n instance: 1 to 32 letters, digits, spaces, hyphens, and underscores',
	},
	pattern: /^[a-zA-Z0-9\-_\s]{1,32}$/,
	allowed: '1 to 32 letters (A to Z), digits, spaces, hyphens, and underscores',
};

const DEVICE_OS: DeviceField = {
	field: {
		displayName: 'Device OS',
		name: 'deviceOS',
		type: 'string',
		default: 'n8n',
		placeholder: 'e.g. Linux',
		description:
			'The operating system that KooDrive shows for the device: 1 to 32 letters, digits, spaces, and underscores',
	},
	pattern: /^[a-zA-Z0-9_\s]{1,32}$/,
	allowed: '1 to 32 letters (A to Z), digits, spaces, and underscores',
};

const MACHINE_CODE: DeviceField = {
	field: {
		displayName: 'Machine Code',
		name: 'machineCode',
		type: 'string',
		default: '',
		placeholder: 'e.g. n8n_production_1',
		description:
			'What identifies the device: 1 to 64 letters, digits, and underscores. If empty, it is derived from the ID of this n8n instance, so that each instance is one device.',
	},
	pattern: /^[a-zA-Z0-9_]{1,64}$/,
	allowed: '1 to 64 letters (A to Z), digits, and underscores',
};

export const deviceNameField = DEVICE_NAME.field;

/** The entries of Options. */
export const deviceOptions = [DEVICE_OS.field, MACHINE_CODE.field];

/** The body of the request that binds a device. Source: KooDrive API Reference, bindDevice. */
export interface DeviceToBind {
	machineCode: string;
	deviceName: string;
	deviceOS: string;
}

/**
 * @param instanceId n8n's own ID, from which the machine code is derived unless the user sets one
 * @throws UserError when a field isn't valid
 */
export function readDeviceToBind(item: ItemParameters, instanceId: string): DeviceToBind {
	const deviceName = readField(item.getParameter('deviceName'), DEVICE_NAME);
	const { field } = DEVICE_OS;
	const deviceOS = readField(item.getParameter('options.deviceOS') ?? field.default, DEVICE_OS);
	const entered = item.getParameter('options.machineCode') ?? '';
	const isEmpty = typeof entered === 'string' && entered.trim() === '';
	const machineCode = isEmpty ? toMachineCode(instanceId) : readField(entered, MACHINE_CODE);
	return { machineCode, deviceName, deviceOS };
}

function readField(value: unknown, { field, pattern, allowed }: DeviceField): string {
	const text = readText(value, field.displayName, `Enter ${allowed}.`);
	if (pattern.test(text)) return text;
	throw new UserError(`'${field.displayName}' must consist of ${allowed}.`);
}

/** All processes of an n8n instance have the same ID. Its hash fits the pattern and doesn't disclose the ID. */
function toMachineCode(instanceId: string): string {
	return `n8n_${createHash('sha256').update(instanceId).digest('hex').slice(0, 32)}`;
}
