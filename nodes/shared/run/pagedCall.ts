import type { IDataObject } from 'n8n-workflow';

import type { Pair } from '../../../credentials/wire/query';
import type { CallOutcome } from '../retry/retry';
import { isJsonObject } from '../transport/parseJson';
import type { KooDriveRequest } from '../transport/request';
import type { Item, Operation, OperationResult } from './operation';

/** The most that one page may hold. Source: KooDrive API Reference, "Listing Backup Records". */
const LONGEST_PAGE = 100;

const CIRCLE: OperationResult = { ok: false, failure: { reason: 'pagesRepeated' } };

/** An operation whose answer comes in pages. */
export interface PagedCall {
	/**
	 * @returns the request for the first page, without what concerns the page
	 * @throws UserError when a parameter cannot be sent
	 */
	toRequest: (item: Item) => KooDriveRequest;
	/**
	 * @returns how many entries the user wants at the most
	 * @throws UserError when it is not a whole number
	 */
	toLimit: (item: Item) => number;
	/** @returns the item that the next step receives for an entry */
	toOutput: (entry: IDataObject) => IDataObject;
}

interface Page {
	entries: IDataObject[];
	/** Names the next page; `undefined` after the last. */
	nextCursor: string | undefined;
}

/**
 * Makes the work of an operation that reads a list page by page and makes an item of each entry. Each page has
 * its own retries, so that one which fails in passing neither loses nor doubles an entry. A page that is
 * shorter than asked for is not the end; a page without a cursor is.
 *
 * @param shape the request, and what becomes of the entries
 * @returns the operation's `run`
 * Source: KooDrive API Reference, "Listing Backup Records" and "Listing Backup Files". That a page may come
 * without `data`, when there is nothing to list, is assumed.
 */
export function pagedCall({ toRequest, toLimit, toOutput }: PagedCall): Operation['run'] {
	return async (item, call) => {
		const limit = toLimit(item);
		const request = toRequest(item);
		const json: IDataObject[] = [];
		const cursors = new Set<string | undefined>();
		let cursor: string | undefined;
		do {
			const missing = limit - json.length;
			const outcome = await call(pageRequest(request, missing, cursor));
			const page = outcome.ok ? readPage(outcome.answer.body) : undefined;
			if (page === undefined) return noPage(outcome);
			for (const entry of page.entries.slice(0, missing)) json.push(toOutput(entry));
			cursor = page.nextCursor;
			if (cursors.has(cursor)) return CIRCLE;
			cursors.add(cursor);
		} while (cursor !== undefined && json.length < limit);
		return { ok: true, json };
	};
}

function pageRequest(
	request: KooDriveRequest,
	missing: number,
	cursor: string | undefined,
): KooDriveRequest {
	const page: Pair[] = [['pageSize', String(Math.min(missing, LONGEST_PAGE))]];
	if (cursor !== undefined) page.push(['cursor', cursor]);
	return { ...request, query: [...(request.query ?? []), ...page] };
}

function noPage(outcome: CallOutcome): OperationResult {
	const failure = outcome.ok ? ({ reason: 'answerIncomplete' } as const) : outcome.failure;
	return { ok: false, failure, tries: outcome };
}

/** @returns the page, or `undefined` where the answer is none */
function readPage({ data, nextCursor }: IDataObject): Page | undefined {
	const entries: unknown = data ?? [];
	const cursor: unknown = nextCursor ?? '';
	if (!Array.isArray(entries) || !entries.every(isJsonObject)) return undefined;
	if (typeof cursor !== 'string' && typeof cursor !== 'number') return undefined;
	return { entries, nextCursor: String(cursor) || undefined };
}
