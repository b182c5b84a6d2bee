/** A device, as the service shows it. */
export interface Device {
	deviceId: string;
	machineCode: string;
	deviceName: string;
	deviceOS: string;
	createTime: string;
}

const FIRST_ID = 1_842_862_763_295_000_001n;

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
