import type { Backup, BackupList, DeviceBackups } from './listBackups';
import type { RetentionPolicy } from './retention';
import { applyRetention, compareNewestFirst } from './retention';

/** What is to be deleted, and what is left alone. */
export interface Cleanup {
	/** From the oldest to the newest. */
	backups: Backup[];
	/** How many backups there are, those to delete included. */
	total: number;
	/** How many devices they belong to. */
	devices: number;
	/** The devices of which nothing is deleted. */
	skipped: DeviceBackups[];
}

/**
 * Decides which backups to delete, device by device. The newest completed backup of a device is never among them, and
 * neither is any backup of a device whose newest isn't known.
 *
 * @param incompleteBefore milliseconds since the Unix epoch: incomplete backups that were created earlier are deleted
 * too; `undefined` leaves all of them alone
 */
export function planCleanup(
	{ devices }: BackupList,
	policy: RetentionPolicy,
	incompleteBefore: number | undefined,
): Cleanup {
	const skipped = devices.filter(({ obstacle }) => obstacle !== undefined);
	const backups: Backup[] = [];
	let total = 0;
	for (const { completed, incomplete, obstacle } of devices) {
		total += completed.length + (incompleteBefore === undefined ? 0 : incomplete.length);
		if (obstacle !== undefined) continue;
		backups.push(...applyRetention(completed, policy).deleted);
		if (incompleteBefore === undefined) continue;
		backups.push(...incomplete.filter(({ time }) => time < incompleteBefore));
	}
	backups.sort((one, other) => compareNewestFirst(other, one));
	return { backups, total, devices: devices.length, skipped };
}
