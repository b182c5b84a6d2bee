import type { SharedMessages } from '../../shared/execution/messages';

const CHECK_LOCK =
	"'Lock ID' must be the ID of a lock that hasn't expired: use 'Create' of the KooDrive Backup Lock node, with its option 'Keep Alive', before this node in the same workflow. 'Keep Alive' ends with the workflow that it runs in, so after a failure execute the workflow from the beginning.";

/** What is lost is the record's lock, never the record itself. */
const leaseLost = {
	message: 'its lock',
	description:
		'Execute the workflow from the beginning, because what was backed up without a lock may be inconsistent.',
};

/** How operations that read a record name it, and explain what happened. */
export const recordMessages: SharedMessages = {
	one: 'record',
	many: 'records',
	reasons: {
		parameterRejected: {
			description:
				"Check 'Record': it must be unchanged, as text, from the node that created or listed the record. Also check 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "the record doesn't exist",
			description:
				"It was deleted, or belongs to another user. Check 'Record', and 'User ID' in the KooDrive API credential.",
		},
		responseIncomplete: {
			message: "KooDrive reported success, but didn't return a record",
			description: 'Run the node again. If it happens again, contact your KooDrive administrator.',
		},
	},
};

/** How operations that change a record under a lock explain what happened. */
export const lockedRecordMessages: SharedMessages = {
	...recordMessages,
	reasons: {
		...recordMessages.reasons,
		leaseLost,
		parameterRejected: {
			description: `Check the fields of the node. ${CHECK_LOCK} Also check 'User ID' in the KooDrive API credential.`,
		},
		notFound: {
			message: "the record or its lock doesn't exist",
			description: `The record was deleted, or the lock was released or has expired (10 minutes after its last renewal). Check 'Record'. ${CHECK_LOCK}`,
		},
	},
};

/** How Create explains what happened to a record that doesn't exist yet. */
export const newRecordMessages: SharedMessages = {
	...recordMessages,
	reasons: {
		...recordMessages.reasons,
		leaseLost,
		parameterRejected: lockedRecordMessages.reasons.parameterRejected,
		notFound: {
			message: "the backup's lock doesn't exist or has expired",
			description: `The lock was released, or has expired (10 minutes after its last renewal). ${CHECK_LOCK}`,
		},
	},
};

/** How operations that list records name the list, and explain what happened. */
export const listMessages: SharedMessages = {
	one: 'list of records',
	many: 'lists of records',
	reasons: {
		parameterRejected: {
			description:
				"Check 'Device' and 'Backup Type', and 'User ID' in the KooDrive API credential.",
		},
		responseIncomplete: {
			message: "KooDrive reported success, but didn't return a list of records",
			description: 'Run the node again. If it happens again, contact your KooDrive administrator.',
		},
	},
};

/** How operations that read a file name it. */
export const fileMessages: SharedMessages = {
	one: 'file',
	many: 'files',
	reasons: {
		parameterRejected: {
			description:
				"Check 'Record' and 'File ID': both must come unchanged, as text, from the node that returned them. Check the credential's 'User ID' too.",
		},
		notFound: {
			message: "the file or its record doesn't exist",
			description:
				"It was deleted, or belongs to another user. Check 'Record' and 'File ID', and the credential's 'User ID'.",
		},
		responseIncomplete: {
			message: "KooDrive reported success, but its response doesn't contain what was asked for",
			description: recordMessages.reasons.responseIncomplete?.description,
		},
		rateLimited: {
			description:
				'Transfer fewer files at the same time, for example with a Loop Over Items node.',
		},
	},
};

/** How Upload names the file that it writes under a lock. */
export const uploadMessages: SharedMessages = {
	...fileMessages,
	subject: 'file of record',
	partialFailure: "Don't complete the record, because files are missing. Run the workflow again.",
	reasons: {
		...lockedRecordMessages.reasons,
		responseIncomplete: fileMessages.reasons.responseIncomplete,
		rateLimited: fileMessages.reasons.rateLimited,
	},
};

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
