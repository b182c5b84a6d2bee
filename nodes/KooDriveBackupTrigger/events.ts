import type { IDataObject } from 'n8n-workflow';

import { isJsonObject } from '../shared/http/json';
import type { BackupList, BackupRecord } from '../shared/records/listBackups';
import { compareNewestFirst } from '../shared/records/listBackups';

const DAY = 24 * 60 * 60 * 1000;

/** How many IDs of each kind the state contains at most: about 8 kB. */
const MAX_IDS = 100;

/** What the node remembers from one poll to the next. n8n stores it, as JSON, in the workflow's static data. */
export interface TriggerState {
	/** Missing until a backup is overdue. */
	overdue?: OverdueState;
	/** Missing until there was a first look. */
	completed?: CompletedState;
}

/** The last event of an overdue backup. */
interface OverdueState {
	/** `null` where there was no backup. */
	recordId: string | null;
	/** When it was, by KooDrive's clock: milliseconds since the Unix epoch. */
	at: number;
}

/** Which backups were completed already. */
interface CompletedState {
	/** The IDs of the newest ones, and of those that were among them before. */
	known: string[];
	/** Where there are more: this one and all that are older are known. */
	upTo?: Pick<BackupRecord, 'recordId' | 'createdAt'>;
	/** The IDs of older ones that aren't complete yet. */
	open: string[];
}

/**
 * Tells whether the latest backup is overdue, and whether an event has to say so: once, and again each day. A time of
 * the last event that lies ahead shows that a clock was wrong; then the day begins now.
 *
 * @param maxAge milliseconds
 * @param now KooDrive's time: milliseconds since the Unix epoch
 */
export function checkOverdue(
	before: OverdueState | undefined,
	latest: BackupRecord | undefined,
	maxAge: number,
	now: number,
): { isEvent: boolean; overdue?: OverdueState } {
	if (latest !== undefined && now - latest.createdAt <= maxAge) return { isEvent: false };
	const recordId = latest?.recordId ?? null;
	const at = before?.recordId === recordId ? Math.min(before.at, now) : -Infinity;
	const isEvent = now - at >= DAY;
	return { isEvent, overdue: { recordId, at: isEvent ? now : at } };
}

/**
 * Finds the backups that were completed since the last look; none at the first one. A list may leave out a record for
 * once, so that what was known stays known.
 *
 * @returns the events from the oldest to the newest
 */
export function findCompleted(
	before: CompletedState | undefined,
	{ completed, incomplete }: Pick<BackupList, 'completed' | 'incomplete'>,
): { events: BackupRecord[]; completed: CompletedState } {
	const events = before === undefined ? [] : completed.filter(isNewSince(before)).reverse();
	const upTo = getNewest(before?.upTo, completed[MAX_IDS]);
	const completedIds = completed.map(({ recordId }) => recordId);
	const done = new Set(completedIds);
	const openIds = incomplete.filter((record) => !isAfter(record, upTo));
	const after = {
		known: mergeIds(2 * MAX_IDS, completedIds.slice(0, MAX_IDS), before?.known),
		...(upTo && { upTo }),
		open: mergeIds(
			MAX_IDS,
			openIds.map(({ recordId }) => recordId),
			before?.open.filter((recordId) => !done.has(recordId)),
		),
	};
	return { events, completed: after };
}

function isNewSince({ known, upTo, open }: CompletedState): (record: BackupRecord) => boolean {
	const [wasKnown, wasOpen] = [new Set(known), new Set(open)];
	return (record) =>
		!wasKnown.has(record.recordId) && (isAfter(record, upTo) || wasOpen.has(record.recordId));
}

type Place = CompletedState['upTo'];

function isAfter(record: BackupRecord, place: Place): boolean {
	return place === undefined || compareNewestFirst(record, place) < 0;
}

function getNewest(one: Place, other: BackupRecord | undefined): Place {
	if (other === undefined) return one;
	if (one !== undefined && compareNewestFirst(one, other) < 0) return one;
	const { recordId, createdAt } = other;
	return { recordId, createdAt };
}

function mergeIds(most: number, newest: string[], others: string[] = []): string[] {
	return [...new Set([...newest, ...others])].slice(0, most);
}

/** Reads what n8n stored. What isn't as it was written counts as missing. */
export function readState({ overdue, completed }: IDataObject): TriggerState {
	return {
		...(isOverdueState(overdue) && { overdue }),
		...(isCompletedState(completed) && { completed }),
	};
}

/** A record ID that is none is no record's, so that the next event is due. */
function isOverdueState(value: unknown): value is OverdueState & IDataObject {
	return isJsonObject(value) && typeof value.at === 'number';
}

function isCompletedState(value: unknown): value is CompletedState & IDataObject {
	if (!isJsonObject(value) || !isIdList(value.known) || !isIdList(value.open)) return false;
	const { upTo } = value;
	if (upTo === undefined) return true;
	return (
		isJsonObject(upTo) && typeof upTo.recordId === 'string' && typeof upTo.createdAt === 'number'
	);
}

function isIdList(value: unknown): boolean {
	return Array.isArray(value) && value.every((id) => typeof id === 'string');
}
