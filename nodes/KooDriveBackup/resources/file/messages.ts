import type { SharedMessages } from '../../../shared/execution/messages';
import { lockedRecordMessages, recordMessages } from '../record/messages';

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
