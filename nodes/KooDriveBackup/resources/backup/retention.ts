import { DateTime } from 'luxon';

/** How many records each rule keeps; a rule with 0 keeps none. */
export interface RetentionPolicy {
	/** The newest records. */
	keepLast: number;
	/** The newest record of each of the last days that have one. */
	keepDaily: number;
	/** The newest record of each of the last weeks that have one. */
	keepWeekly: number;
	/** The newest record of each of the last months that have one. */
	keepMonthly: number;
}

export type RetentionRule = keyof RetentionPolicy;

/** The periods that an instant belongs to in one time zone; two instants of one period have the same text. */
export interface Periods {
	day: string;
	/** Monday to Sunday, with the week-year: January 1 may belong to the last week of the year before. */
	week: string;
	month: string;
}

/** A record, as far as the policy needs it. */
export interface DatedRecord {
	recordId: string;
	/** When it was created: milliseconds since the Unix epoch. */
	time: number;
	periods: Periods;
}

/** A record that is kept, and by which rules. */
export interface KeptRecord<Dated> {
	record: Dated;
	rules: RetentionRule[];
}

const GET_PERIOD: Record<RetentionRule, (record: DatedRecord) => string> = {
	keepLast: ({ recordId }) => recordId,
	keepDaily: ({ periods }) => periods.day,
	keepWeekly: ({ periods }) => periods.week,
	keepMonthly: ({ periods }) => periods.month,
};

const RULES = Object.keys(GET_PERIOD) as RetentionRule[];

/**
 * @param time milliseconds since the Unix epoch
 * @param zone an IANA time zone; its days begin at midnight there
 * Source: ISO 8601-1, section 4.3.3 (weeks and week-years).
 */
export function getPeriods(time: number, zone: string): Periods {
	const local = DateTime.fromMillis(time, { zone, locale: 'en-US' });
	const { year, month, day, weekYear, weekNumber } = local;
	return {
		day: `${year}-${month}-${day}`,
		week: `${weekYear}-W${weekNumber}`,
		month: `${year}-${month}`,
	};
}

/**
 * Applies a retention policy to the completed records of one device, as restic does: each rule goes back in time and
 * keeps the newest record of each of its last periods that have one, so that a pause deletes nothing. A record that
 * any rule keeps stays, and so does the newest.
 *
 * @param records in any order; of two with the same time, the one with the larger ID is the newer
 * @returns both lists from the newest to the oldest
 * Source: restic's documentation, "Removing backup snapshots", "Removing snapshots according to a policy".
 */
export function applyRetention<Dated extends DatedRecord>(
	records: readonly Dated[],
	policy: RetentionPolicy,
): { kept: Array<KeptRecord<Dated>>; deleted: Dated[] } {
	const keepers = RULES.map((rule) => ({ rule, keeps: createKeeper(rule, policy[rule]) }));
	const kept: Array<KeptRecord<Dated>> = [];
	const deleted: Dated[] = [];
	for (const record of [...records].sort(compareNewestFirst)) {
		const rules = keepers.filter(({ keeps }) => keeps(record)).map(({ rule }) => rule);
		// Without any rule, the first would be deleted.
		if (rules.length > 0 || kept.length === 0) kept.push({ record, rules });
		else deleted.push(record);
	}
	return { kept, deleted };
}

/** @returns what tells of each record, the newest first, whether the rule keeps it */
function createKeeper(rule: RetentionRule, count: number): (record: DatedRecord) => boolean {
	const periods = new Set<string>();
	return (record) => {
		const period = GET_PERIOD[rule](record);
		if (periods.size === count || periods.has(period)) return false;
		periods.add(period);
		return true;
	};
}

/** Orders records from the newest to the oldest. KooDrive's IDs grow, with as many digits as they need. */
export function compareNewestFirst(one: DatedRecord, other: DatedRecord): number {
	return other.time - one.time || compareIds(other.recordId, one.recordId);
}

function compareIds(one: string, other: string): number {
	if (one.length !== other.length) return one.length - other.length;
	if (one === other) return 0;
	return one < other ? -1 : 1;
}
