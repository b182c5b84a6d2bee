import type { IDataObject } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire';
import { isJsonObject } from './json';
import type { KooDriveRequest } from './request';
import type { RequestResult } from './result';
import { RequestFailedError, toRequestFailedError } from './result';

/** The most entries on one page. Source: KooDrive API Reference, "Listing Backup Records". */
const MAX_PAGE_SIZE = 100;

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
 * Reads a list page by page. A page that is shorter than asked for isn't the end; a page without a cursor is.
 *
 * @param request for the first page, without the page's parameters
 * @param limit the most entries that are wanted; Infinity for all
 * @param send sends the request for one page with its own retries, so that a transient error neither loses nor
 * doubles an entry
 * @throws RequestFailedError when a page can't be read
 * Source: KooDrive API Reference, "Listing Backup Records" and "Listing Backup Files". That a page may come
 * without `data`, when there is nothing to list, is assumed.
 */
export async function* iteratePages(
	request: KooDriveRequest,
	limit: number,
	send: (request: KooDriveRequest) => Promise<RequestResult>,
): AsyncGenerator<ListedPage, void> {
	const cursors = new Set<string | undefined>();
	let missing = limit;
	let cursor: string | undefined;
	do {
		const result = await send(toPageRequest(request, missing, cursor));
		const page = result.ok ? readPage(result.body) : undefined;
		if (!result.ok || page === undefined) throw toRequestFailedError(result);
		const entries = page.entries.slice(0, missing);
		missing -= entries.length;
		yield { entries, date: result.date };
		cursor = page.nextCursor;
		if (cursors.has(cursor)) throw new RequestFailedError({ reason: 'pageRepeated' });
		cursors.add(cursor);
	} while (cursor !== undefined && missing > 0);
}

/**
 * Reads a whole list, as {@link iteratePages} does.
 *
 * @throws RequestFailedError when a page can't be read
 */
export async function readPages(
	request: KooDriveRequest,
	limit: number,
	send: (request: KooDriveRequest) => Promise<RequestResult>,
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
 * @throws RequestFailedError when the request failed, or the response contains no list
 */
export function requireList(result: RequestResult): IDataObject[] {
	const page = result.ok ? readPage(result.body) : undefined;
	if (page === undefined) throw toRequestFailedError(result);
	return page.entries;
}

function toPageRequest(
	request: KooDriveRequest,
	missing: number,
	cursor: string | undefined,
): KooDriveRequest {
	const page: Pair[] = [['pageSize', String(Math.min(missing, MAX_PAGE_SIZE))]];
	if (cursor !== undefined) page.push(['cursor', cursor]);
	return { ...request, query: [...(request.query ?? []), ...page] };
}

/** @returns the page, or `undefined` where the response isn't one */
function readPage({ data, nextCursor }: IDataObject): Page | undefined {
	const entries: unknown = data ?? [];
	const cursor: unknown = nextCursor ?? '';
	if (!Array.isArray(entries) || !entries.every(isJsonObject)) return undefined;
	if (typeof cursor !== 'string' && typeof cursor !== 'number') return undefined;
	return { entries, nextCursor: String(cursor) || undefined };
}
