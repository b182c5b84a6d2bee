import type { OperationWords } from '../shared/run/operation';

/** How operations on locks speak of what they work on. */
export const lockWords: Pick<OperationWords, 'one' | 'many' | 'reasons'> = {
	one: 'lock',
	many: 'locks',
	reasons: {
		parameterRefused: {
			hint: 'Check the Lock ID: it must come unchanged from the step that created the lock. Check the User ID of the credential too.',
		},
		resourceMissing: {
			what: 'KooDrive does not know this lock any more',
			hint: 'It has expired (10 minutes after its last renewal), was released, or belongs to another user. Start the backup again to get a new lock, and renew that one at least every 4 minutes.',
		},
		badRequest: {
			hint: 'KooDrive answers like this to a wrong credential too. Check the Lock ID, then open the KooDrive API credential and enter a fresh Access Token (or the App Secret) and the User ID again.',
		},
		tooManyRequests: {
			hint: 'Lower the Max Concurrency option of the node, or renew less often: every 4 minutes is enough.',
		},
		answerIncomplete: {
			what: 'KooDrive reported success but named no lock',
			hint: 'Run the step again. A lock without a name expires by itself after 10 minutes.',
		},
	},
};
