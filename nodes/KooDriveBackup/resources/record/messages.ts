import type { SharedMessages } from '../../../shared/execution/messages';

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
