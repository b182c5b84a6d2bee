import type { SharedMessages } from '../execution/messages';

/** How operations on locks name them, and explain what happened. */
export const lockMessages: SharedMessages = {
	one: 'lock',
	many: 'locks',
	partialFailure:
		"To continue with the locks that succeed, set 'On Error' in the node's settings to 'Continue'.",
	reasons: {
		parameterRejected: {
			description:
				"Check 'Lock ID': it must be unchanged, as text, from the node that created the lock. Also check 'User ID' in the KooDrive API credential.",
		},
		notFound: {
			message: "the lock doesn't exist or has expired",
			description:
				"A lock expires 10 minutes after its last renewal. It may also have been released, or belong to another user. Start the backup again, from the beginning of the workflow and with a new lock. Renew it at least every 4 minutes, or use 'Keep Alive' in the same workflow, because it ends with the workflow that it runs in.",
		},
		badRequest: {
			description:
				"KooDrive also responds like this to an invalid credential. Check 'Lock ID'. Then open the KooDrive API credential and enter 'User ID' and a new access token (or 'App Secret') again.",
		},
		rateLimited: {
			description:
				"Lower 'Max Concurrency' in the node's options, or renew less often. Every 4 minutes is enough.",
		},
		responseIncomplete: {
			message: "KooDrive reported success, but didn't return a lock ID",
			description: 'Run the node again. If it happens again, contact your KooDrive administrator.',
		},
	},
};
