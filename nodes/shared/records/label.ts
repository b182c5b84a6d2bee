import type { IDataObject } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { toText } from '../http/json';
import { countFiles, formatBytes } from './format';
import { parseRecordTime } from './recordTime';
import { readSummary } from './summary';

/** Between them, they know the short names of most time zones: `CET` is British, `EST` is American. */
const LOCALES = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-IN', 'en-ZA'];

/**
 * Describes a record for people, for example `2026-11-26 21:22:05 CET, 1,204 files, 3.4 GB, file-server-1`.
 *
 * @param record a BackupRecord
 * @param more what follows, such as the device's name; empty parts are left out
 */
export function labelRecord(
	record: IDataObject,
	zone: string,
	more: Array<string | undefined> = [],
): string {
	const { createTime } = record;
	const created = parseRecordTime(createTime);
	const summary = readSummary(record);
	const parts = [
		created === undefined ? toText(createTime) : formatInZone(created, zone),
		summary && countFiles(summary.files),
		summary && formatBytes(summary.bytes),
		...more,
	];
	return parts.filter(Boolean).join(', ');
}

/**
 * @param instant milliseconds since the Unix epoch
 * @returns for example `2026-11-26 21:22:05 CET`
 */
export function formatInZone(instant: number, zone: string): string {
	const time = DateTime.fromMillis(instant, { zone, locale: 'en-US', numberingSystem: 'latn' });
	const nameIn = (locale: string) => time.setLocale(locale).offsetNameShort ?? '';
	const locale = LOCALES.find((known) => !/\d/.test(nameIn(known))) ?? 'en-US';
	return `${time.toFormat('yyyy-MM-dd HH:mm:ss')} ${nameIn(locale)}`;
}
