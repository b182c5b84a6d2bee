import type { Account } from './authentication';
import type { ApiReply, ApiRequest, Route } from './replies';
import {
	dataReply,
	notAuthorized,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
	route,
	userNotAllowed,
} from './replies';

const DEVICES = '/koodrive/ose/v1/backup/device';
const MACHINE_CODE = /^[a-zA-Z0-9_]{1,64}$/;
const DEVICE_NAME = /^[a-zA-Z0-9-_\s]{1,32}$/;
const DEVICE_OS = /^[a-zA-Z0-9_\s]{1,32}$/;
const FIRST_ID = 1_842_862_763_295_000_001n;

/** A device, as the service shows it. */
export interface Device {
	deviceId: string;
	machineCode: string;
	deviceName: string;
	deviceOS: string;
	createTime: string;
}

/** The devices that are bound to the account. */
export class Devices {
	readonly devices = new Map<string, Device>();

	private made = 0n;

	constructor(private readonly now: () => number) {}

	/** Binds a device, or returns the one that has this machine code already (assumed: the pages don't say). */
	bind(machineCode: string, deviceName: string, deviceOS: string): Device {
		const bound = [...this.devices.values()].find((device) => device.machineCode === machineCode);
		if (bound !== undefined) return bound;
		const device: Device = {
			deviceId: String(FIRST_ID + this.made++),
			machineCode,
			deviceName,
			deviceOS,
			createTime: new Date(this.now()).toISOString(),
		};
		this.devices.set(device.deviceId, device);
		return device;
	}

	/** Unbinds a device. Its backups stay (assumed: the pages don't say). */
	unbind(deviceId: string): Device | undefined {
		const device = this.devices.get(deviceId);
		this.devices.delete(deviceId);
		return device;
	}
}

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

function bindDevice(devices: Devices, body: Buffer): ApiReply {
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

interface AccountOwner {
	account: Account;
	containerId: string;
	otherContainerIds: string[];
}

/** "Checking Whether a User Session Is Invalid Based on Token Information" and "Querying Space Information". */
export function accountRoutes(owner: AccountOwner): Route[] {
	return [
		route('GET', '/koodrive/ose/v1/session/auth', ({ headers }) => {
			// App authentication has no session.
			if (headers.authorization?.startsWith('HMAC') === true) return notAuthorized;
			return dataReply({ innerUserId: owner.account.userId });
		}),
		route('GET', '/koodrive/ose/v1/space/{id}', (request, userId) =>
			userId === owner.account.userId ? findSpace(owner, request) : userNotAllowed,
		),
	];
}

function findSpace({ containerId, otherContainerIds }: AccountOwner, { query }: ApiRequest) {
	// Type 1 is the individual space, the only type that the simulated user has.
	if (query.get('type') !== '1') return parameterCheckFailed;
	const named = query.get('containerId');
	if (named === null) {
		return otherContainerIds.length > 0 ? parameterCheckFailed : dataReply({ containerId });
	}
	const isOwn = [containerId, ...otherContainerIds].includes(named);
	return isOwn ? dataReply({ containerId: named }) : resourceMissing;
}
