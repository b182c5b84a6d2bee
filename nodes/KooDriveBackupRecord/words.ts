import type { OperationWords } from '../shared/run/operation';

type Words = Pick<OperationWords, 'one' | 'many' | 'reasons'>;

const CHECK_LOCK =
	'the Lock ID must be that of a lock that is alive: put Create of the KooDrive Backup Lock node, and Keep Alive, before this step.';

/** What is lost while it is kept alive is never the record itself. */
const lost = {
	what: 'its lock',
	hint: 'Nothing was sent. What was backed up without a lock may not be consistent: start the backup again.',
};

/** How operations that read a record speak of it. */
export const recordWords: Words = {
	one: 'record',
	many: 'records',
	reasons: {
		parameterRefused: {
			hint: 'Check the Record ID: it must come unchanged, as text, from the step that created or listed the record. Check the User ID of the credential too.',
		},
		resourceMissing: {
			what: 'KooDrive does not know this record',
			hint: 'It was deleted, or belongs to another user. Check the Record ID, and the User ID of the credential.',
		},
		answerIncomplete: {
			what: 'KooDrive reported success but named no record',
			hint: 'Run the step again. If this lasts, ask the administrator of your KooDrive.',
		},
	},
};

/** How operations that change a record under a lock speak of it. */
export const lockedRecordWords: Words = {
	...recordWords,
	reasons: {
		...recordWords.reasons,
		lost,
		parameterRefused: {
			hint: `Check the fields of the node; ${CHECK_LOCK} Check the User ID of the credential too.`,
		},
		resourceMissing: {
			what: 'KooDrive does not know this record, or its lock, any more',
			hint: `The record was deleted, or the lock has expired (10 minutes after its last renewal) or was released. Check the Record ID; ${CHECK_LOCK}`,
		},
	},
};

/** How Create speaks of a record that is not there yet. */
export const newRecordWords: Words = {
	...recordWords,
	reasons: {
		...recordWords.reasons,
		lost,
		parameterRefused: lockedRecordWords.reasons.parameterRefused,
		resourceMissing: {
			what: 'KooDrive does not know the lock of the backup any more',
			hint: `It has expired (10 minutes after its last renewal) or was released; ${CHECK_LOCK}`,
		},
	},
};

/** How an operation that lists speaks of what it reads. */
export const listWords: Words = {
	one: 'list of records',
	many: 'lists of records',
	reasons: {
		parameterRefused: {
			hint: 'Check the Module Code and the Device ID, and the User ID of the credential.',
		},
		answerIncomplete: {
			what: 'KooDrive reported success but the list is not one of records',
			hint: 'Run the step again. If this lasts, ask the administrator of your KooDrive.',
		},
	},
};
