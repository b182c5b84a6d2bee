import type { Operation } from '../../../shared/execution/operation';
import { requireList } from '../../../shared/http/pages';
import { deviceMessages, LIST_DEVICES, toDevice } from './device';

/** Lists the devices. Source: KooDrive API Reference, listBoundDevice. */
export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many devices',
		description: 'List all devices that are bound to the user, with their names and IDs',
	},
	fields: [],
	messages: {
		...deviceMessages,
		one: 'list of devices',
		many: 'lists of devices',
		done: 'read',
		reasons: {
			...deviceMessages.reasons,
			responseIncomplete: {
				...deviceMessages.reasons.responseIncomplete,
				message: "KooDrive reported success, but didn't return a list of devices",
			},
		},
	},
	async execute(item, execution) {
		const devices = requireList(await execution.request(item, LIST_DEVICES));
		return { ok: true, items: devices.map((device) => ({ json: toDevice(device) })) };
	},
};
