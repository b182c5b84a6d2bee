import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { includeLockDetailsOption, includesLockDetails, lockId, lockIdField } from '../fields';
import { lockRequest } from '../lockRequest';
import { lockTimes } from '../lockTimes';
import { lockWords } from '../words';

/** Resets the validity of a lock to 10 minutes. Source: KooDrive API Reference, "Backup Lock Renewal". */
export const renew: Operation = {
	option: {
		name: 'Renew',
		value: 'renew',
		action: 'Renew a backup lock',
		description: 'Keep a backup lock alive for another 10 minutes',
	},
	fields: [
		lockIdField(
			'The lock that the backup holds, as KooDrive returned it when the backup began. It lives 10 minutes: renew it every 4.',
		),
	],
	options: [includeLockDetailsOption],
	words: { ...lockWords, done: 'renewed' },
	subject: 'lockId',
	run: singleCall({
		toRequest: (item) => lockRequest('PATCH', item),
		toOutput: ({ body, answeredAt, item }) => {
			if (!includesLockDetails(item)) return { ...body };
			const { startsAt: renewedAt, expiresAt } = lockTimes(answeredAt());
			return { ...body, lockId: lockId(item), renewedAt, expiresAt };
		},
	}),
};
