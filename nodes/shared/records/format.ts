import type { IDataObject } from 'n8n-workflow';
import { DateTime } from 'luxon';

import { toText } from '../http/json';
import { parseRecordTime } from './recordTime';
import { readSummary } from './summary';

/** @returns for example `1,204 files` */
export function countFiles(count: number): string {
	return count === 1 ? '1 file' : `${count.toLocaleString('en-US')} files`;
}

/** @returns for example `1.5 GB`, in powers of 1,000 */
export function formatBytes(bytes: number): string {
	const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
	const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
	const value = bytes / 1000 ** power;
	return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** @returns for example `1.5 MB/s` */
export function formatRate(bytes: number, seconds: number): string {
	return `${formatBytes(Math.round(bytes / Math.max(0.001, seconds)))}/s`;
}

/** @returns for example `33.4 s`, `12 min` or `2 h 5 min` */
export function formatDuration(seconds: number): string {
	if (seconds < 120) return `${Math.round(10 * seconds) / 10} s`;
	const minutes = Math.round(seconds / 60);
	const hours = Math.floor(minutes / 60);
	return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

/**
 * Leaves out a rate that would say nothing.
 *
 * @param moved how many of the bytes were transferred; the others were stored already
 * @returns for example `1,204 files (3.4 GB) in 12 min (4.7 MB/s)`
 */
export function formatTransfer(
	files: number,
	bytes: number,
	seconds: number,
	moved = bytes,
): string {
	const size = `${countFiles(files)} (${formatBytes(bytes)})`;
	if (seconds < 1) return `${size} in less than 1 s`;
	const rate = moved === 0 ? '' : ` (${formatRate(moved, seconds)})`;
	return `${size} in ${formatDuration(seconds)}${rate}`;
}

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
