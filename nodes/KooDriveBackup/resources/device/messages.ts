import type { SharedMessages } from '../../../shared/execution/messages';

/** How operations on devices name them, and explain what happened. */
export const deviceMessages: SharedMessages = {
	one: 'device',
	many: 'devices',
	reasons: {
		parameterRejected: {
			description: "Check the fields of the node, and 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "KooDrive doesn't have this device",
			description:
				"It was unbound, or belongs to another user. Check 'Device', and 'User ID' in the KooDrive API credential.",
		},
		responseIncomplete: {
			message: "KooDrive reported success, but didn't return the device",
			description: 'Run the node again. If it happens again, contact your KooDrive administrator.',
		},
	},
};
