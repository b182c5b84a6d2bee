import type { SharedMessages } from '../../../shared/execution/messages';

const rateLimited = {
	description:
		"Lower 'Parallel Transfers' in the node's options, or send fewer requests to KooDrive.",
};

/** How operations on a whole backup name it, and explain what happened. */
export const backupMessages: SharedMessages = {
	one: 'backup',
	many: 'backups',
	reasons: {
		rateLimited,
		leaseLost: {
			message: "the backup's lock",
			description: 'Run the node again.',
		},
		parameterRejected: {
			description:
				"Check 'Device' and 'Backup Type', and the credential's 'User ID'. To use this n8n as a device, run 'Bind' of the resource 'Device' once.",
		},
		notFound: {
			message: "the device, the record, or the backup's lock doesn't exist",
			description:
				"It was deleted, has expired, or belongs to another user. Check 'Device', and the credential's 'User ID', and run the node again.",
		},
	},
};

/** How Restore, which has no lock, explains what happened. */
export const restoreMessages: SharedMessages = {
	...backupMessages,
	reasons: {
		rateLimited,
		parameterRejected: {
			description:
				"Check 'Record', or 'Device' and 'Backup Type', and 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "the record, the device, or a file doesn't exist",
			description:
				"It was deleted, or belongs to another user. Check 'Record' or 'Device', and 'User ID' in the KooDrive API credential.",
		},
	},
};
