import fc from 'fast-check';
import { DateTime } from 'luxon';

import { selectByName } from '#dist/nodes/KooDriveBackup/transfer/namePatterns';
import { formatInZone, formatTransfer, labelRecord } from '#dist/nodes/shared/records/format';
import { parseRecordTime } from '#dist/nodes/shared/records/recordTime';
import type { BackupSummary } from '#dist/nodes/shared/records/summary';
import { addSummary, readSummary } from '#dist/nodes/shared/records/summary';

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

describe('the summary of a backup', () => {
	const SUMMARY: BackupSummary = {
		files: 1_204,
		bytes: 3_400_000_000,
		workflow: { id: '7', name: 'Nightly "x"' },
		execution: '99',
	};
	const ID = '1842862763295184641';

	test("is added beside the user's own properties, whose digits stay", () => {
		const own = ' { "id": 1842862763295184641, "rate": 1.10, "n": {"n8n": 1e400} }\n';
		const text = addSummary(own, ID, SUMMARY);
		expect(text).toBe(
			`{"id": 1842862763295184641, "rate": 1.10, "n": {"n8n": 1e400},"n8n":${JSON.stringify({ recordId: ID, ...SUMMARY })}}`,
		);
		expect(readSummary({ recordId: ID, properties: text })).toEqual(SUMMARY);
	});

	test.each(['', ' ', '{}', ' { } '])('is all there is where the user has none: %j', (own) => {
		const text = addSummary(own, ID, SUMMARY);
		expect(JSON.parse(text)).toEqual({ n8n: { recordId: ID, ...SUMMARY } });
	});

	test.each(['[]', '7', '"text"', 'null', '{', 'nightly'])(
		'needs properties that are a JSON object: %j',
		(own) => {
			expect(() => addSummary(own, ID, SUMMARY)).toThrow('must be a JSON object');
		},
	);

	test.each(['{"n8n":1}', '{"a":1,"\\u006e8n":null}'])('needs its own place: %j', (own) => {
		expect(() => addSummary(own, ID, SUMMARY)).toThrow('must not contain "n8n"');
	});

	test('keeps any properties of the user', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(2), (own, indent) => {
				fc.pre(!Object.hasOwn(own, 'n8n'));
				const text = addSummary(JSON.stringify(own, null, indent), ID, SUMMARY);
				const { n8n, ...rest } = JSON.parse(text) as Record<string, unknown>;
				expect(JSON.stringify(rest)).toBe(JSON.stringify(JSON.parse(JSON.stringify(own))));
				expect(n8n).toEqual({ recordId: ID, ...SUMMARY });
				expect(readSummary({ recordId: ID, properties: text })).toEqual(SUMMARY);
			}),
		);
	});

	test('counts only in the record that it names', () => {
		const properties = addSummary('', ID, SUMMARY);
		expect(readSummary({ recordId: '1842862763295184642', properties })).toBeUndefined();
		expect(readSummary({ properties })).toBeUndefined();
		expect(readSummary({ recordId: 7, properties: addSummary('', '7', SUMMARY) })).toEqual(SUMMARY);
	});

	test.each([
		{ files: -1 },
		{ files: 1.5 },
		{ files: '3' },
		{ bytes: null },
		{ bytes: 2 ** 53 },
		{ recordId: undefined },
		{ recordId: [ID] },
	])('is none with %j', (change) => {
		const n8n = { recordId: ID, ...SUMMARY, ...change };
		expect(readSummary({ recordId: ID, properties: JSON.stringify({ n8n }) })).toBeUndefined();
	});

	test('is never read from the properties of another client', () => {
		const members = ['n8n', 'recordId', 'files', 'bytes', 'workflow', '__proto__', 'constructor'];
		const anything = fc.anything({
			key: fc.oneof(fc.constantFrom(...members), fc.string()),
			maxDepth: 4,
			withNullPrototype: true,
		});
		const properties = fc.oneof(fc.string(), fc.json(), anything, anything.map(toJson));
		fc.assert(
			fc.property(properties, fc.oneof(fc.constant(ID), anything), (value, recordId) => {
				const record = { recordId, properties: value };
				expect(readSummary(record as Parameters<typeof readSummary>[0])).toBeUndefined();
			}),
			{ numRuns: 2_000 },
		);
	});

	function toJson(value: unknown): unknown {
		try {
			return JSON.stringify(value);
		} catch {
			return undefined;
		}
	}
});

describe('the label of a record', () => {
	const recordId = '7';
	const createTime = '2026-11-26T20:22:05Z';

	test('names the time with its zone, the files, their size, and what else there is', () => {
		const workflow = { id: '1', name: 'Nightly' };
		const summary = { files: 1_204, bytes: 3_400_000_000, workflow, execution: '9' };
		const record = { recordId, createTime, properties: addSummary('', recordId, summary) };
		expect(labelRecord(record, 'Europe/Berlin', [undefined, 'file-server-1', ''])).toBe(
			'2026-11-26 21:22:05 CET, 1,204 files, 3.4 GB, file-server-1',
		);
	});

	test('leaves out what is unknown', () => {
		expect(labelRecord({ recordId, createTime: 'soon' }, 'UTC', ['incomplete'])).toBe(
			'soon, incomplete',
		);
		expect(labelRecord({ recordId, createTime }, 'UTC')).toBe('2026-11-26 20:22:05 UTC');
	});

	test.each([
		['Europe/Berlin', '2026-11-26 21:22:05 CET'],
		['America/New_York', '2026-11-26 15:22:05 EST'],
		['Europe/London', '2026-11-26 20:22:05 GMT'],
		['Asia/Shanghai', '2026-11-27 04:22:05 GMT+8'],
	])('shows the time of %s', (zone, expected) => {
		expect(formatInZone(Date.parse(createTime), zone)).toBe(expected);
	});
});

describe('file name patterns', () => {
	const PATHS = [
		'report.pdf',
		'photos/2026/a.jpg',
		'photos/2026/b.JPG',
		'photos/2025/a.jpg',
		'/srv/old/photos/2026/c.jpg',
		'C:\\photos\\2026\\d.jpg',
		'holiday-photos/2026/e.jpg',
		'photos/2026/raw/f.jpg',
		'notes.tmp',
	];
	const select = (patterns: string, paths = PATHS) => selectByName(paths, patterns, (path) => path);

	test.each<[string, string[]]>([
		['', PATHS],
		[' , ', PATHS],
		['*', PATHS],
		['*.pdf', ['report.pdf']],
		['a.jpg', ['photos/2026/a.jpg', 'photos/2025/a.jpg']],
		['?.jpg, report.*', PATHS.filter((path) => !/JPG|tmp/.test(path))],
		[
			'photos/2026/*.jpg',
			['photos/2026/a.jpg', '/srv/old/photos/2026/c.jpg', 'C:\\photos\\2026\\d.jpg'],
		],
		['2025/*', ['photos/2025/a.jpg']],
		['photos/202?/a.jpg', ['photos/2026/a.jpg', 'photos/2025/a.jpg']],
		['/srv/old/photos/2026/*', ['/srv/old/photos/2026/c.jpg']],
		['photos\\2025\\*', ['photos/2025/a.jpg']],
		['*/2026/e.jpg', ['holiday-photos/2026/e.jpg']],
		['!*.jpg', ['report.pdf', 'photos/2026/b.JPG', 'notes.tmp']],
		['!*.jpg, !*.JPG, !none.*', ['report.pdf', 'notes.tmp']],
		[
			'!photos/2026/*, *.jpg',
			['photos/2025/a.jpg', 'holiday-photos/2026/e.jpg', 'photos/2026/raw/f.jpg'],
		],
	])('%j selects', (patterns, expected) => {
		expect(select(patterns)).toEqual(expected);
	});

	test('take every other character as it is', () => {
		const names = ['a(1)[2].txt', 'a1.txt', 'a+b^$.{x}|.txt'];
		expect(select('a(1)[2].txt', names)).toEqual([names[0]]);
		expect(select('a+b^$.{x}|.*', names)).toEqual([names[2]]);
	});

	test('match one character of any length with "?", and any Unicode form', () => {
		expect(select('?.txt', ['😀.txt', 'ab.txt'])).toEqual(['😀.txt']);
		expect(select('Gr\u00f6\u00dfe.txt', ['Gro\u0308\u00dfe.txt'])).toHaveLength(1);
	});

	test.each([
		['*.pdf, *.doc', '"*.doc", which matches none of the 9 files'],
		['photos/*.pdf', '"photos/*.pdf", which matches none of the 9 files'],
		['photos/2026/e.jpg', '"photos/2026/e.jpg", which matches none of the 9 files'],
		['*.pdf, !report.*', 'excludes all of the 9 files'],
		['!*', 'excludes all of the 9 files'],
		['!', '"!", which isn\'t supported'],
		['**/*.jpg', '"**/*.jpg", which isn\'t supported. A pattern without a slash'],
		['!photos/', 'write "photos/*"'],
	])('%j is an error', (patterns, message) => {
		expect(() => select(patterns)).toThrow(message);
	});

	test('select as a regular expression does', () => {
		const text = (characters: string, maxLength: number) =>
			fc.array(fc.constantFrom(...characters), { maxLength }).map((all) => all.join(''));
		fc.assert(
			fc.property(text('ab*?', 8), text('ab', 12), (pattern, name) => {
				fc.pre(pattern !== '' && name !== '' && !pattern.includes('**'));
				const expression = pattern.replace(/\*/g, '.*').replace(/\?/g, '.');
				const isMatch = new RegExp(`^${expression}$`).test(name);
				if (isMatch) expect(select(pattern, [name])).toEqual([name]);
				else expect(() => select(pattern, [name])).toThrow('matches none');
			}),
			{ numRuns: 5_000 },
		);
	});

	test('take no longer for patterns with many wildcards', () => {
		const names = Array.from({ length: 2_000 }, (_, index) => `${'a_'.repeat(113)}${index}.pdf`);
		const start = performance.now();
		expect(() => select('*_*_*_*_*_*_*.csv', names)).toThrow('matches none');
		expect(() => select(`*${'a_'.repeat(50)}*b`, names)).toThrow('matches none');
		expect(performance.now() - start).toBeLessThan(5_000);
	});
});

test.each([
	[[3, 31_000, 0.9], '3 files (31.0 kB) in less than 1 s'],
	[[3, 31_000, 1], '3 files (31.0 kB) in 1 s (31.0 kB/s)'],
	[[3, 31_000, 10, 0], '3 files (31.0 kB) in 10 s'],
	[[3, 31_000, 10, 1_000], '3 files (31.0 kB) in 10 s (100 bytes/s)'],
] as const)('a transfer %j is described as %s', ([files, size, seconds, moved], expected) => {
	expect(formatTransfer(files, size, seconds, moved)).toBe(expected);
});
