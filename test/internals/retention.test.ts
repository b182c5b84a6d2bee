import fc from 'fast-check';
import { DateTime } from 'luxon';

import { parseRecordTime } from '#dist/nodes/KooDriveBackup/resources/backup/recordTime';
import type {
	DatedRecord,
	RetentionPolicy,
	RetentionRule,
} from '#dist/nodes/KooDriveBackup/resources/backup/retention';
import { applyRetention, getPeriods } from '#dist/nodes/KooDriveBackup/resources/backup/retention';

const BERLIN = 'Europe/Berlin';
const NONE: RetentionPolicy = { keepLast: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };

let made = 0;

function toRecord(time: number, zone = BERLIN): DatedRecord {
	return { recordId: String(++made), time, periods: getPeriods(time, zone) };
}

/** Applies a policy to records that were created at these local times; returns those that are deleted. */
function deleted(times: string[], policy: Partial<RetentionPolicy>, zone = BERLIN): string[] {
	const names = new Map(
		times.map((name) => [toRecord(DateTime.fromISO(name, { zone }).toMillis(), zone), name]),
	);
	const result = applyRetention([...names.keys()], { ...NONE, ...policy });
	return result.deleted.map((record) => names.get(record)!);
}

describe('the retention policy', () => {
	const SEPTEMBER = [
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

	test('keeps the newest of each of the last days, weeks and months that have one', () => {
		expect(deleted(SEPTEMBER, policy)).toEqual([
			'2026-09-22T09:00',
			'2026-09-14T07:00',
			'2026-07-15T12:00',
			'2026-06-30T12:00',
		]);
	});

	test('says which rules keep a record', () => {
		const records = SEPTEMBER.map((time) =>
			toRecord(DateTime.fromISO(time, { zone: BERLIN }).toMillis()),
		);
		const { kept } = applyRetention(records, policy);
		expect(kept.map(({ record, rules }) => [records.indexOf(record), ...rules])).toEqual([
			[0, 'keepLast', 'keepDaily', 'keepWeekly', 'keepMonthly'],
			[1, 'keepLast'],
			[2, 'keepDaily'],
			[4, 'keepDaily', 'keepWeekly'],
			[6, 'keepWeekly'],
			[7, 'keepMonthly'],
			[8, 'keepMonthly'],
		]);
	});

	test.each<[RetentionRule, string[]]>([
		['keepLast', ['2026-01-01T03:00', '2025-02-01T03:00', '2024-01-01T03:00']],
		['keepDaily', ['2026-01-01T03:00', '2025-02-01T03:00', '2024-01-01T03:00']],
		['keepWeekly', ['2026-01-01T03:00', '2025-02-01T03:00', '2024-01-01T03:00']],
		['keepMonthly', ['2026-01-01T03:00', '2025-02-01T03:00', '2024-01-01T03:00']],
	])('deletes nothing after a long pause: %s', (rule, times) => {
		expect(deleted(times, { [rule]: 3 })).toEqual([]);
		expect(deleted(times, { [rule]: 2 })).toEqual(['2024-01-01T03:00']);
	});

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

	test('takes the larger ID for the newer of two records with one time', () => {
		const periods = getPeriods(0, BERLIN);
		const records = ['10', '9', '11'].map((recordId) => ({ recordId, time: 0, periods }));
		const { kept } = applyRetention(records, { ...NONE, keepLast: 1 });
		expect(kept.map(({ record }) => record.recordId)).toEqual(['11']);
	});

	const counts = fc.integer({ min: 0, max: 6 });
	const policies = fc.record({
		keepLast: counts,
		keepDaily: counts,
		keepWeekly: counts,
		keepMonthly: counts,
	});
	const zones = fc.constantFrom(
		BERLIN,
		'UTC',
		'America/St_Johns',
		'Pacific/Apia',
		'Asia/Kathmandu',
	);
	const instant = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2012, 5) });
	const recordLists = zones.chain((zone) =>
		fc.array(instant, { maxLength: 60 }).map((times) => times.map((time) => toRecord(time, zone))),
	);
	const idsOf = (records: DatedRecord[]) => records.map(({ recordId }) => recordId);

	test('never deletes the newest record', () => {
		fc.assert(
			fc.property(recordLists, policies, (records, anyPolicy) => {
				const newest = Math.max(...records.map(({ time }) => time));
				const { kept, deleted: gone } = applyRetention(records, anyPolicy);
				expect(kept.length + gone.length).toBe(records.length);
				if (records.length > 0) expect(kept[0]!.record.time).toBe(newest);
			}),
		);
	});

	test('keeps what any single rule keeps, and nothing else but the newest', () => {
		fc.assert(
			fc.property(recordLists, policies, (records, anyPolicy) => {
				const byRule = (Object.keys(NONE) as RetentionRule[]).flatMap((rule) => {
					const { kept } = applyRetention(records, { ...NONE, [rule]: anyPolicy[rule] });
					return kept.map(({ record }) => record.recordId);
				});
				const { kept } = applyRetention(records, anyPolicy);
				expect(new Set(idsOf(kept.map(({ record }) => record)))).toEqual(new Set(byRule));
			}),
		);
	});

	test('keeps as many periods as the policy says, or all there are', () => {
		fc.assert(
			fc.property(recordLists, counts, (records, keepDaily) => {
				const { kept } = applyRetention(records, { ...NONE, keepDaily: keepDaily + 1 });
				const days = new Set(records.map(({ periods }) => periods.day));
				expect(kept).toHaveLength(Math.min(keepDaily + 1, days.size));
			}),
		);
	});

	test('deletes no more with a more generous policy', () => {
		fc.assert(
			fc.property(recordLists, policies, policies, (records, one, more) => {
				const generous = Object.fromEntries(
					(Object.keys(NONE) as RetentionRule[]).map((rule) => [rule, one[rule] + more[rule]]),
				) as unknown as RetentionPolicy;
				const before = new Set(idsOf(applyRetention(records, one).deleted));
				for (const id of idsOf(applyRetention(records, generous).deleted)) {
					expect(before.has(id)).toBe(true);
				}
			}),
		);
	});

	test('does not depend on the order of the records, and changes no list', () => {
		fc.assert(
			fc.property(recordLists, policies, fc.infiniteStream(fc.nat()), (records, one, keys) => {
				const shuffled = records
					.map((record) => ({ record, key: keys.next().value as number }))
					.sort((a, b) => a.key - b.key)
					.map(({ record }) => record);
				const before = [...records];
				expect(applyRetention(shuffled, one)).toEqual(applyRetention(records, one));
				expect(records).toEqual(before);
			}),
		);
	});
});

describe('the time of a record', () => {
	const AT = Date.UTC(2025, 10, 3, 7, 1, 40);

	test.each<[unknown, number?]>([
		['2025-11-03T07:01:40Z'],
		['2025-11-03T07:01:40.000Z'],
		['2025-11-03T07:01:40,25Z', AT + 250],
		['2025-11-03T15:01:40+08:00'],
		['2025-11-03T15:01:40+0800'],
		['2025-11-03T15:01:40+08'],
		['2025-11-03T02:01:40-05:00'],
		['2025-11-03T07:01:40'],
		['2025-11-03 07:01:40'],
		['2025-11-03 15:01:40 +08:00'],
		['2025-11-03t07:01:40z'],
		['2025-11-03T07:01Z', AT - 40_000],
		['20251103T070140Z'],
		['20251103T070140'],
		[' 2025-11-03T07:01:40Z\n'],
		['Mon, 03 Nov 2025 07:01:40 GMT'],
		['Mon, 03 Nov 2025 15:01:40 +0800'],
		['3 Nov 2025 07:01:40 GMT'],
		[AT / 1000],
		[AT],
		[String(AT / 1000)],
		[String(AT)],
	])('is read from %j', (value, expected = AT) => {
		expect(parseRecordTime(value)).toBe(expected);
	});

	test.each([
		'',
		' ',
		'yesterday',
		'2025-11-03',
		'07:01:40',
		'2025',
		'20251103',
		'2025-13-03T07:01:40Z',
		'2025-02-29T07:01:40Z',
		'2025-11-03T25:01:40Z',
		'2025-11-03T07:01:40Z and more',
		'2025-11-03T07:01:40 Europe/Berlin',
		'03/11/2025 07:01:40',
		'Sun, 03 Nov 2025 07:01:40 GMT',
		'0001-01-01T00:00:00Z',
		'1970-01-01T00:00:00Z',
		0,
		-1,
		1,
		'0',
		NaN,
		Infinity,
		null,
		undefined,
		true,
		{},
		[AT],
	])('is not read from %j', (value) => {
		expect(parseRecordTime(value)).toBeUndefined();
	});

	test('is read back from every form', () => {
		const seconds = fc.integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2099, 0) / 1000 });
		fc.assert(
			fc.property(seconds, fc.integer({ min: -12, max: 14 }), (second, hours) => {
				const time = DateTime.fromSeconds(second, { zone: `UTC${hours < 0 ? '' : '+'}${hours}` });
				const forms = [
					time.toISO(),
					time.toRFC2822(),
					time.toHTTP(),
					time.toISO({ format: 'basic' }),
				];
				expect(forms.map(parseRecordTime)).toEqual(forms.map(() => second * 1000));
			}),
		);
	});

	test('is no time at all for any other text', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				const time = parseRecordTime(text);
				expect(time === undefined || Number.isFinite(time)).toBe(true);
			}),
		);
	});
});
