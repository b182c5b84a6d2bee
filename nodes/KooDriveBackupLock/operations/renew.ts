import { lockId, lockIdField } from '../fields';
import { lockTimes } from '../lockTimes';
import type { Operation } from '../../shared/run/operation';

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
			'renew',
			'The lock that the backup holds, as KooDrive returned it when the backup began. It lives 10 minutes: renew it every 4.',
		),
	],
	texts: {
		failed: (id) =>
			id === undefined ? 'The lock was not renewed' : `Lock "${id}" was not renewed`,
		failedOf: (failedCount, count) => `${failedCount} of ${count} locks were not renewed`,
	},
	repeatable: true,
	toRequest: (parameter) => ({
		method: 'PATCH',
		path: '/koodrive/ose/v1/backup/lock',
		lockId: lockId(parameter),
	}),
	toOutput: ({ answer, lockId: id, answeredAt, includeLockDetails }) => {
		if (!includeLockDetails) return answer.body;
		const { startsAt: renewedAt, expiresAt } = lockTimes(answeredAt());
		return { ...answer.body, lockId: id, renewedAt, expiresAt };
	},
};
