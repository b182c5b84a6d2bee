import type { IncomingHttpHeaders } from 'node:http';

import type { Reply } from '../replies';

/** A request that was authenticated, taken apart. */
export interface ApiRequest {
	method: string;
	path: string;
	query: URLSearchParams;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

/** @param id what stands in the path in place of `{id}`, decoded */
export type Handler = (request: ApiRequest, id: string) => Reply;

export interface Route {
	method: string;
	path: RegExp;
	handle: Handler;
}

/** @param template a path, such as `/koodrive/ose/v1/backup/record/{id}` */
export function route(method: string, template: string, handle: Handler): Route {
	return { method, path: new RegExp(`^${template.replace('{id}', '([^/]+)')}$`), handle };
}

/** @returns `undefined` if no route matches */
export function replyTo(request: ApiRequest, routes: Route[]): Reply | undefined {
	for (const { method, path, handle } of routes) {
		if (method !== request.method) continue;
		const match = path.exec(request.path);
		if (match !== null) return handle(request, decode(match[1] ?? ''));
	}
	return undefined;
}

/** Leaves a text as it is that isn't encoded well. */
function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
