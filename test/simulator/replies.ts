import type { IncomingHttpHeaders } from 'node:http';

/** What KooDrive responds with: JSON. */
export interface ApiReply {
	status: number;
	body: unknown;
}

export const MODULE_CODES = ['100', '101', '102'];

export const success = { code: 0, msg: 'success' };

export const done: ApiReply = { status: 200, body: success };

/** Business errors come with HTTP 400 ("Status Codes", "Error Codes"). */
export function businessError(code: number, msg: string, status = 400): ApiReply {
	return { status, body: { code, msg } };
}

export const parameterCheckFailed = businessError(13000102, 'parameter check failed');

// No code is published for a lock that does not exist; this is the general one for a missing resource.
export const resourceMissing = businessError(13000309, 'resource does not exist');

export const userNotAllowed = businessError(
	13000410,
	'the user may not operate on this space',
	403,
);

export const noSuchApi: ApiReply = {
	status: 404,
	body: { error_code: 'APIG.0101', error_msg: 'No such API' },
};

export const notAuthorized: ApiReply = {
	status: 401,
	body: {
		error_code: 'APIG.0301',
		error_msg: 'Incorrect authentication information',
		request_id: '5d3d1c2e',
	},
};

/** Most calls respond under `data`. */
export function dataReply(data: unknown, more: object = {}): ApiReply {
	return { status: 200, body: { data, ...more, ...success } };
}

/** Reads a body that is to be a JSON object. */
export function objectIn(body: Buffer): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(body.toString());
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

/** A request that was authenticated, taken apart. */
export interface ApiRequest {
	method: string;
	path: string;
	query: URLSearchParams;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

/** @param id what stands in the path in place of `{id}`, decoded */
export type Handler = (request: ApiRequest, id: string) => ApiReply;

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
export function replyTo(request: ApiRequest, routes: Route[]): ApiReply | undefined {
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
