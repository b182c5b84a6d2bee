import type { Reply } from './replies';
import { dataReply, parameterCheckFailed } from './replies';

const LONGEST_CURSOR = 1000;

/**
 * Answers with the page that a query asks for.
 *
 * @param longestPage the most entries that a page holds, however many are asked for
 */
export function page(entries: unknown[], query: URLSearchParams, longestPage: number): Reply {
	const pageSize = Number(query.get('pageSize') ?? '1');
	const cursor = query.get('cursor') ?? cursorOf(0);
	const from = startOf(cursor);
	const isPageSize = Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 100;
	if (!isPageSize || from === undefined || cursor.length > LONGEST_CURSOR) {
		return parameterCheckFailed;
	}
	const to = from + Math.min(pageSize, longestPage);
	const nextCursor = to < entries.length ? { nextCursor: cursorOf(to) } : {};
	return dataReply(entries.slice(from, to), nextCursor);
}

/** Only the service can read a cursor. This one contains characters that must be encoded in a query. */
function cursorOf(start: number): string {
	return `+/=& ${start}!'()*ü`;
}

function startOf(cursor: string): number | undefined {
	const start = /^\+\/=& (\d+)!'\(\)\*ü$/.exec(cursor)?.[1];
	return start === undefined ? undefined : Number(start);
}
