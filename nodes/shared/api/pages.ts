import type { IDataObject } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire';
import { onFailure, RequestFailedError } from '../errors/failure';
import type { KooDriveResponse } from '../http/client';
import { isJsonObject } from '../http/json';
import type { KooDriveRequest } from '../http/request';

/** The most entries on one page. Source: KooDrive API Reference, "Listing Backup Records". */
const MAX_PAGE_SIZE = 100;

/** A list whose pages contain nothing new has an end only if that comes soon. */
const MAX_PAGES_WITHOUT_NEWS = 10;

/** Sends the request for one page with its own retries, so that a transient error neither loses nor doubles an entry. */
export type SendPage = (request: KooDriveRequest) => Promise<KooDriveResponse>;

interface Page {
	entries: IDataObject[];
	/** Names the next page; `undefined` after the last. */
	nextCursor: string | undefined;
}

/** A page of a list. */
export interface ListedPage {
	entries: IDataObject[];
	/** The response's Date header, as it came. */
	date: unknown;
}

/**
 * Reads a list page by page. A page that is shorter than asked for isn't the end; a page without a cursor is. Where a
 * page is larger than a response may be, the list is read again from its beginning in smaller pages, because a cursor
 * may depend on their size. What was returned before that isn't returned again.
 *
 * @param request for the first page, without the page's parameters
 * @param limit the most entries that are wanted; Infinity for all
 * @throws RequestFailedError when a page can't be read
 * Source: KooDrive API Reference, "Listing Backup Records" and "Listing Backup Files". That a page may come
 * without `data`, when there is nothing to list, is assumed.
 */
export async function* iteratePages(
	request: KooDriveRequest,
	limit: number,
	send: SendPage,
): AsyncGenerator<ListedPage, void> {
	const returned = new Set<unknown>();
	let reading = new Reading();
	let size = MAX_PAGE_SIZE;
	let missing = limit;
	do {
		const pageSize = Math.min(size, missing + returned.size);
		const response = await send(toPageRequest(request, pageSize, reading.cursor)).catch(
			onFailure((error) => {
				if (error.failure.reason === 'responseTooLarge' && pageSize > 1) return undefined;
				throw error;
			}),
		);
		if (response === undefined) {
			size = Math.max(1, Math.floor(pageSize / 4));
			for (const id of reading.ids) returned.add(id);
			reading = new Reading();
			continue;
		}
		const page = readPage(response);
		const entries = page.entries.filter((entry) => !returned.has(getId(entry))).slice(0, missing);
		missing -= entries.length;
		yield { entries, date: response.date };
		reading.note(page);
	} while (!reading.isOver && missing > 0);
}

/** One reading of a list from its beginning. */
class Reading {
	/** Of the entries so far. */
	readonly ids = new Set<unknown>();

	/** Names the next page; `undefined` for the first one, and after the last. */
	cursor: string | undefined;

	isOver = false;

	private readonly cursors = new Set<string>();

	private pagesWithoutNews = 0;

	/** @throws RequestFailedError when the list would never end */
	note({ entries, nextCursor }: Page): void {
		const { size } = this.ids;
		for (const entry of entries) this.ids.add(getId(entry));
		this.pagesWithoutNews = this.ids.size > size ? 0 : this.pagesWithoutNews + 1;
		this.cursor = nextCursor;
		this.isOver = nextCursor === undefined;
		if (nextCursor === undefined) return;
		const isEndless = this.pagesWithoutNews === MAX_PAGES_WITHOUT_NEWS;
		if (isEndless || this.cursors.has(nextCursor)) {
			throw new RequestFailedError({ reason: isEndless ? 'listEndless' : 'pageRepeated' });
		}
		this.cursors.add(nextCursor);
	}
}

/** A BackupFile has a `fileId`, a BackupRecord a `recordId`; an entry without an ID is its own. */
function getId(entry: IDataObject): unknown {
	return entry.fileId ?? entry.recordId ?? JSON.stringify(entry);
}

/**
 * Reads a whole list, as {@link iteratePages} does.
 *
 * @throws RequestFailedError when a page can't be read
 */
export async function readPages(
	request: KooDriveRequest,
	limit: number,
	send: SendPage,
): Promise<IDataObject[]> {
	const all: IDataObject[] = [];
	for await (const { entries } of iteratePages(request, limit, send)) {
		for (const entry of entries) all.push(entry);
	}
	return all;
}

/**
 * Reads a list that comes in one response, without pages.
 *
 * @throws RequestFailedError when the response contains no list
 */
export function readList(response: KooDriveResponse): IDataObject[] {
	return readPage(response).entries;
}

function toPageRequest(
	request: KooDriveRequest,
	pageSize: number,
	cursor: string | undefined,
): KooDriveRequest {
	const page: Pair[] = [['pageSize', String(pageSize)]];
	if (cursor !== undefined) page.push(['cursor', cursor]);
	return { ...request, query: [...(request.query ?? []), ...page] };
}

function readPage({ body: { data, nextCursor }, attempts }: KooDriveResponse): Page {
	const entries: unknown = data ?? [];
	const cursor: unknown = nextCursor ?? '';
	const isList = Array.isArray(entries) && entries.every(isJsonObject);
	if (isList && (typeof cursor === 'string' || typeof cursor === 'number')) {
		return { entries, nextCursor: String(cursor) || undefined };
	}
	throw new RequestFailedError({ reason: 'responseIncomplete' }, attempts);
}
