import mapValues from 'lodash/mapValues';
import { UserError } from 'n8n-workflow';
import { DateTime } from 'luxon';

import type { Field } from '../../../shared/execution/fields';
import { numberField } from '../../../shared/execution/fields';
import { isJsonObject } from '../../../shared/http/json';

/** How many records each rule keeps; 0 turns a rule off. */
export interface RetentionPolicy {
	keepLast: number;
	keepDaily: number;
	keepWeekly: number;
	keepMonthly: number;
}

function createRule(
	displayName: string,
	name: keyof RetentionPolicy,
	defaultCount: number,
	description: string,
): Field<number> {
	return numberField({
		displayName,
		name,
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: defaultCount,
		description,
	});
}

const rules = {
	keepDaily: createRule(
		'Keep Daily',
		'keepDaily',
		7,
		"Keep the newest backup of each day, for this many days. Days without a backup don't count. Days begin at midnight in the workflow's timezone.",
	),
	keepLast: createRule('Keep Last', 'keepLast', 7, 'Keep this many of the newest backups'),
	keepMonthly: createRule(
		'Keep Monthly',
		'keepMonthly',
		12,
		"Keep the newest backup of each month, for this many months. Months without a backup don't count.",
	),
	keepWeekly: createRule(
		'Keep Weekly',
		'keepWeekly',
		4,
		"Keep the newest backup of each week (Monday to Sunday), for this many weeks. Weeks without a backup don't count.",
	),
};

/** Which backups to keep. A rule that isn't added is off. One that is left empty is an error: it would keep less. */
export const retentionField: Field<RetentionPolicy> = {
	property: {
		displayName: 'Retention',
		name: 'retention',
		type: 'collection',
		placeholder: 'Add Rule',
		default: { keepLast: 7 },
		description:
			'Which completed backups of the device to keep. A backup stays if any rule keeps it. 0 turns a rule off.',
		options: Object.values(rules).map(({ property }) => property),
	},
	read(value) {
		const added = isJsonObject(value) ? value : {};
		const policy = mapValues(rules, ({ read }, name) =>
			Object.hasOwn(added, name) ? read(added[name] ?? '') : 0,
		);
		if (Object.values(policy).some((count) => count > 0)) return policy;
		throw new UserError(
			"'Retention' must keep at least one backup. Set one of its rules, such as 'Keep Last', to 1 or more.",
		);
	},
};

/**
 * Tells the day, week, or month of a time. Source: ISO 8601-1, section 4.3.3: a week begins on Monday, and January 1
 * may belong to a week of the year before.
 */
const PERIODS: Array<[keyof RetentionPolicy, (time: DateTime) => number]> = [
	['keepDaily', ({ year, ordinal }) => year * 1000 + ordinal],
	['keepWeekly', ({ weekYear, weekNumber }) => weekYear * 100 + weekNumber],
	['keepMonthly', ({ year, month }) => year * 100 + month],
];

/**
 * Finds the records that no rule keeps, as restic does: each rule goes back in time and keeps the newest record of
 * each of its last periods that have one, so that a pause deletes nothing. The newest record always stays.
 *
 * @param newestFirst records of one device, with the milliseconds since the Unix epoch at which they were created
 * @param zone an IANA time zone; days begin at midnight there
 * @returns them from the newest to the oldest
 * Source: restic's documentation, "Removing backup snapshots", "Removing snapshots according to a policy".
 */
export function findExpired<Dated extends { createdAt: number }>(
	newestFirst: readonly Dated[],
	policy: RetentionPolicy,
	zone: string,
): Dated[] {
	const calendar = PERIODS.map(([rule, getPeriod]) => ({
		count: policy[rule],
		getPeriod,
		kept: new Set<number>(),
	}));
	return newestFirst.filter(({ createdAt }, index) => {
		const time = DateTime.fromMillis(createdAt, { zone, locale: 'en-US' });
		const keeping = calendar.filter(
			({ count, getPeriod, kept }) => kept.size < count && isAdded(kept, getPeriod(time)),
		);
		return keeping.length === 0 && index >= Math.max(1, policy.keepLast);
	});
}

function isAdded(kept: Set<number>, period: number): boolean {
	const { size } = kept;
	return kept.add(period).size > size;
}
