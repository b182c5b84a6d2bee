import { DAY } from '../../time';

/** What Delete Old is told to keep. */
export const RETENTION = { keepLast: 3, keepDaily: 7, keepWeekly: 4, keepMonthly: 0 };

/** Days after which incomplete backups are deleted. */
export const DELETE_INCOMPLETE_AFTER = 1;

/** A completed backup; there is at most one a night. */
export interface CompletedBackup {
	recordId: string;
	/** When it was created: milliseconds since the Unix epoch. */
	time: number;
}

/** The backups that {@link RETENTION} keeps, with days and weeks in UTC, worked out in another way than the product's. */
export function keptOf<Backup extends CompletedBackup>(backups: readonly Backup[]): Backup[] {
	const newestFirst = [...backups].sort((one, other) => other.time - one.time);
	const newestOf = (period: (time: number) => number, count: number) => {
		const periods = new Map<number, Backup>();
		for (const backup of [...newestFirst].reverse()) periods.set(period(backup.time), backup);
		return [...periods.values()].slice(-count);
	};
	const day = (time: number) => Math.floor(time / DAY);
	// The Unix epoch was a Thursday, three days after a Monday.
	const week = (time: number) => Math.floor((day(time) + 3) / 7);
	const kept = new Set([
		...newestFirst.slice(0, RETENTION.keepLast),
		...newestOf(day, RETENTION.keepDaily),
		...newestOf(week, RETENTION.keepWeekly),
	]);
	return newestFirst.filter((backup) => kept.has(backup));
}

/** Whether an incomplete backup is so old that it's deleted. */
export function isOldRemnant(createTime: string, now: number): boolean {
	return Date.parse(createTime) < now - DELETE_INCOMPLETE_AFTER * DAY;
}
