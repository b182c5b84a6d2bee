import { fetchDevices } from '../../../shared/api/devices';
import { defineOperation } from '../../../shared/execution/operation';
import { deviceMessages } from '../messages';

export const getAll = defineOperation({
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many devices',
		description: 'List all devices that are bound to the user, with their names and IDs',
	},
	fields: {},
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
		const devices = await fetchDevices(async (request) => await execution.request(item, request));
		return devices.map((json) => ({ json }));
	},
});
