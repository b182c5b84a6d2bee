import fc from 'fast-check';
import { DateTime } from 'luxon';

import type { RetentionPolicy } from '#dist/nodes/KooDriveBackup/resources/backup/retention';
import { findExpired } from '#dist/nodes/KooDriveBackup/resources/backup/retention';

const BERLIN = 'Europe/Berlin';
const NONE: RetentionPolicy = { keepLast: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };

/** Applies a policy to records that were created at these local times, newest first; returns those that are deleted. */
function deleted(times: string[], policy: Partial<RetentionPolicy>, zone = BERLIN): string[] {
	const records = times.map((name) => ({
		name,
		createdAt: DateTime.fromISO(name, { zone }).toMillis(),
	}));
	return findExpired(records, { ...NONE, ...policy }, zone).map(({ name }) => name);
}

test('keeps the newest of each of the last days, weeks and months that have one', () => {
	const september = [
		'2026-09-23T18:00',
		'2026-09-23T09:00',
		'2026-09-22T18:00',
		'2026-09-22T09:00',
		'2026-09-20T21:00',
		'2026-09-14T07:00',
		'2026-09-13T22:00',
		'2026-08-31T23:30',
		'2026-07-31T23:30',
		'2026-07-15T12:00',
		'2026-06-30T12:00',
	];
	const policy = { keepLast: 2, keepDaily: 3, keepWeekly: 3, keepMonthly: 3 };
	expect(deleted(september, policy)).toEqual([
		'2026-09-22T09:00',
		'2026-09-14T07:00',
		'2026-07-15T12:00',
		'2026-06-30T12:00',
	]);
});

test.each(['keepLast', 'keepDaily', 'keepWeekly', 'keepMonthly'])(
	'deletes nothing after a long pause: %s',
	(rule) => {
		const times = ['2026-01-01T03:00', '2025-02-01T03:00', '2024-01-01T03:00'];
		expect(deleted(times, { [rule]: 3 })).toEqual([]);
		expect(deleted(times, { [rule]: 2 })).toEqual(['2024-01-01T03:00']);
	},
);

test('counts weeks from Monday to Sunday, with the ISO week-year', () => {
	// December 29, 2025 is a Monday: the first week of 2026. January 4 is its Sunday.
	const times = ['2026-01-05T00:00', '2026-01-04T23:59', '2025-12-29T00:00', '2025-12-28T23:59'];
	expect(deleted(times, { keepWeekly: 3 })).toEqual(['2025-12-29T00:00']);
});

test('does not take the same week of another year for one', () => {
	expect(deleted(['2026-06-01T12:00', '2025-06-02T12:00'], { keepWeekly: 2 })).toEqual([]);
});

test.each([
	['Europe/Berlin', []],
	['UTC', ['2026-09-22T21:30Z']],
])('begins days at midnight in the time zone %s', (zone, expected) => {
	const times = ['2026-09-22T22:30Z', '2026-09-22T21:30Z'];
	expect(deleted(times, { keepDaily: 2 }, zone)).toEqual(expected);
});

test.each([
	['spring, 23 hours', ['2026-03-29T23:59', '2026-03-29T00:00', '2026-03-28T23:59']],
	['autumn, 25 hours', ['2026-10-25T23:59', '2026-10-25T00:00', '2026-10-24T23:59']],
])('counts a day as one when the clocks change: %s', (_when, times) => {
	expect(deleted(times, { keepDaily: 2 })).toEqual([times[1]]);
});

test('never deletes the newest record', () => {
	expect(deleted(['2026-01-02T00:00', '2026-01-01T00:00'], {})).toEqual(['2026-01-01T00:00']);
});

describe('any policy', () => {
	const ZONES = [
		BERLIN,
		'UTC',
		'America/St_Johns',
		'America/Los_Angeles',
		'Pacific/Apia',
		'Asia/Kathmandu',
		'Asia/Shanghai',
		'Australia/Lord_Howe',
	];
	const counts = fc.integer({ min: 0, max: 6 });
	const policies = fc.record({
		keepLast: counts,
		keepDaily: counts,
		keepWeekly: counts,
		keepMonthly: counts,
	});
	// Over one skipped day (Apia, December 30, 2011), changes to and from summer time, and turns of the year.
	const instants = fc.oneof(
		fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2012, 5) }),
		fc.integer({ min: Date.UTC(2011, 11, 20), max: Date.UTC(2012, 0, 10) }),
	);
	const lists = fc
		.array(instants, { maxLength: 60 })
		.map((times) => times.sort((one, other) => other - one).map((createdAt) => ({ createdAt })));

	/** The calendar date of an instant, by ICU instead of luxon, as the day's number since 1970. */
	function dayOf(createdAt: number, zone: string): number {
		const parts = new Intl.DateTimeFormat('en-US', {
			timeZone: zone,
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
		}).formatToParts(createdAt);
		const [year, month, day] = ['year', 'month', 'day'].map((name) =>
			Number(parts.find(({ type }) => type === name)!.value),
		) as [number, number, number];
		return Date.UTC(year, month - 1, day) / 86_400_000;
	}

	/** The model: of each period, the first record; of each rule, the first so many of those. */
	function model(
		records: Array<{ createdAt: number }>,
		{ keepLast, keepDaily, keepWeekly, keepMonthly }: RetentionPolicy,
		zone: string,
	) {
		const days = records.map(({ createdAt }) => dayOf(createdAt, zone));
		// January 1, 1970 was a Thursday.
		const weeks = days.map((day) => Math.floor((day + 3) / 7));
		const months = days.map((day) => new Date(day * 86_400_000).toISOString().slice(0, 7));
		const firstOf = (periods: unknown[], count: number) =>
			[...new Set(periods)].slice(0, count).map((period) => periods.indexOf(period));
		const kept = new Set([
			0,
			...firstOf([...records.keys()], keepLast),
			...firstOf(days, keepDaily),
			...firstOf(weeks, keepWeekly),
			...firstOf(months, keepMonthly),
		]);
		return records.filter((_record, index) => !kept.has(index));
	}

	test('deletes what an independent model deletes', () => {
		fc.assert(
			fc.property(lists, policies, fc.constantFrom(...ZONES), (records, policy, zone) => {
				expect(findExpired(records, policy, zone)).toEqual(model(records, policy, zone));
			}),
			{ numRuns: 1_000 },
		);
	});

	test('deletes no more with a more generous policy', () => {
		fc.assert(
			fc.property(lists, policies, policies, (records, one, more) => {
				const generous = Object.fromEntries(
					Object.entries(one).map(([rule, count]) => [
						rule,
						count + more[rule as keyof RetentionPolicy],
					]),
				) as unknown as RetentionPolicy;
				const before = new Set(findExpired(records, one, BERLIN));
				for (const record of findExpired(records, generous, BERLIN)) {
					expect(before.has(record)).toBe(true);
				}
			}),
		);
	});
});
