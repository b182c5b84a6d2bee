import type { OperationMessages } from '../../../shared/execution/operation';
import { lockMessages } from '../../../shared/locks/messages';

/** How operations on a whole backup name it, and explain what happened. */
export const backupMessages: Pick<OperationMessages, 'one' | 'many' | 'reasons'> = {
	one: 'backup',
	many: 'backups',
	reasons: {
		leaseLost: {
			message: "the backup's lock",
			description: 'Run the node again.',
		},
		parameterRejected: {
			description:
				"Check 'Module Code' and 'Device', and the credential's 'User ID'. To use this n8n as a device, run 'Bind' of the resource 'Device' once.",
		},
		notFound: {
			message: "the device, the record, or the backup's lock doesn't exist",
			description:
				"It was deleted, has expired, or belongs to another user. Check 'Device', and the credential's 'User ID', and run the node again.",
		},
		responseIncomplete: lockMessages.reasons.responseIncomplete,
	},
};
