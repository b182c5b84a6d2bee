import { lockId, lockIdField, notLost } from '../../shared/parameters/lockId';
import type { Operation } from '../../shared/run/operation';
import { singleCall } from '../../shared/run/singleCall';
import { includeLockDetailsOption } from '../fields';
import { lockRequest } from '../lockRequest';
import { renewedLock } from '../renewal';
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
		before: notLost,
		toRequest: (item) => lockRequest('PATCH', item),
		toOutput: renewedLock,
		afterwards: ({ item, sentAt }, background) => background.renewed(lockId(item), sentAt),
	}),
};
