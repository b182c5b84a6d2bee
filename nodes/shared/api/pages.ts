import type { IDataObject } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire';
import { RequestFailedError } from '../errors/requestFailedError';
import type { KooDriveResponse } from '../http/client';
import { isJsonObject } from '../http/json';
import type { KooDriveRequest } from '../http/request';

/** The most entries on one page. Source: KooDrive API Reference, "Listing Backup Records". */
const MAX_PAGE_SIZE = 100;

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
 * Reads a list page by page. A page that is shorter than asked for isn't the end; a page without a cursor is.
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
	const cursors = new Set<string | undefined>();
	let missing = limit;
	let cursor: string | undefined;
	do {
		const response = await send(toPageRequest(request, missing, cursor));
		const page = readPage(response);
		const entries = page.entries.slice(0, missing);
		missing -= entries.length;
		yield { entries, date: response.date };
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
	missing: number,
	cursor: string | undefined,
): KooDriveRequest {
	const page: Pair[] = [['pageSize', String(Math.min(missing, MAX_PAGE_SIZE))]];
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
