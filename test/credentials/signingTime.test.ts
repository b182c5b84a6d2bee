import fc from 'fast-check';
import { Settings } from 'luxon';

import {
	formatSigningTime,
	parseSigningTime,
} from '../../dist/credentials/authentication/signingTime';

const YEAR_9999 = Date.UTC(9999, 11, 31);

test('writes the documented example', () => {
	expect(formatSigningTime(Date.UTC(2025, 10, 3, 7, 1, 40))).toBe('20251103T070140Z');
});

test('cuts fractions of a second off and never rounds up into the future', () => {
	expect(formatSigningTime(Date.UTC(2025, 11, 31, 23, 59, 59, 999))).toBe('20251231T235959Z');
});

test('is never later than the instant, and less than a second earlier', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: YEAR_9999 }), (instant) => {
			const back = parseSigningTime(formatSigningTime(instant))!;
			expect(back).toBeLessThanOrEqual(instant);
			expect(instant - back).toBeLessThan(1000);
		}),
	);
});

test('is the same wherever n8n runs and whatever its language', () => {
	const { defaultLocale, defaultZone } = Settings;
	Settings.defaultLocale = 'ar-EG';
	Settings.defaultZone = 'Asia/Tokyo';
	try {
		expect(formatSigningTime(Date.UTC(2025, 10, 3, 7, 1, 40))).toBe('20251103T070140Z');
		expect(parseSigningTime('20251103T070140Z')).toBe(Date.UTC(2025, 10, 3, 7, 1, 40));
	} finally {
		Settings.defaultLocale = defaultLocale;
		Settings.defaultZone = defaultZone;
	}
});

test.each(['', '20251103T070140', '2025-11-03T07:01:40Z', '20251303T070140Z', '20251103T250140Z'])(
	'reads nothing from %j',
	(text) => expect(parseSigningTime(text)).toBeUndefined(),
);
