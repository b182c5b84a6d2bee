import type { GenericValue, IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { headerOf, withHeaders } from './headers';
import { uriEncode } from './signature';

/*
 * n8n leaves the making of the query and the body to its HTTP library, after the credential had its say. A
 * signature must cover what is sent byte for byte, so these functions do that work here and hand on a
 * complete URL and the body's bytes, which nothing changes any more.
 */

/** The older form of a request, which n8n's HTTP Request node still hands to credentials. */
interface LegacyOptions {
	uri?: string;
	form?: unknown;
	formData?: unknown;
	useQuerystring?: boolean;
	qsStringifyOptions?: { arrayFormat?: string };
}

/** A request in n8n's form, whichever of the two that is. */
export type RequestOptions = IHttpRequestOptions & LegacyOptions;

/** A request whose query stands in its URL and whose body is bytes. */
export interface WireRequest {
	method: string;
	url: URL;
	headers: IDataObject;
	body: Buffer;
}

type Pair = [name: string, value: string];

const WITHOUT_BODY = ['GET', 'HEAD'];
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * Works out what a request will look like on the wire.
 *
 * @param options the request as n8n hands it to a credential, in either of its forms
 * @returns the complete URL, the headers with the Content-Type that the body needs, and the body's bytes
 * @throws UserError when the URL is not complete, or the body is a stream or multipart form, which nobody can
 * sign without using it up
 */
export function toWireRequest(options: RequestOptions): WireRequest {
	const method = (options.method ?? 'GET').toUpperCase();
	const { bytes, contentType } = WITHOUT_BODY.includes(method)
		? { bytes: Buffer.alloc(0), contentType: undefined }
		: bodyOf(options);
	const headers = options.headers ?? {};
	const needsType = contentType !== undefined && headerOf(headers, 'Content-Type') === undefined;
	return {
		method,
		url: completeUrl(options),
		headers: needsType ? withHeaders(headers, { 'Content-Type': contentType }) : headers,
		body: bytes,
	};
}

/**
 * Puts a wire request back into n8n's form, so that it is sent as it is.
 *
 * @param options the request that it was made from
 * @param wire the request as it is to be sent
 * @returns the same request, with nothing left to make of it
 */
export function fromWireRequest(options: RequestOptions, wire: WireRequest): RequestOptions {
	return {
		...options,
		...(options.uri === undefined ? { url: wire.url.href } : { uri: wire.url.href }),
		headers: wire.headers,
		body: wire.body.length > 0 ? bytesOrText(wire) : undefined,
		baseURL: undefined,
		qs: undefined,
		form: undefined,
	};
}

/** n8n takes a form apart and puts it together again unless it comes as text. */
function bytesOrText({ headers, body }: WireRequest): Buffer | string {
	return isForm(headers) ? body.toString() : body;
}

function isForm(headers: IDataObject): boolean {
	return headerOf(headers, 'Content-Type')?.startsWith(FORM) === true;
}

function completeUrl(options: RequestOptions): URL {
	const address = options.url ?? options.uri ?? '';
	// As axios joins the two: one slash between them, whatever stands there already.
	const isComplete = /^[a-z][a-z\d+.-]*:\/\//i.test(address);
	const base = options.baseURL ?? '';
	const joined =
		isComplete || base === ''
			? address
			: `${base.replace(/\/+$/, '')}/${address.replace(/^\/+/, '')}`;
	if (!URL.canParse(joined)) {
		throw new UserError('The URL of the request is not complete. It must begin with https://.');
	}
	const url = new URL(joined);
	url.hash = '';
	url.search = toQuery([...url.searchParams, ...pairs(options.qs ?? {}, arrayFormat(options))]);
	return url;
}

function toQuery(query: Pair[]): string {
	return query.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&');
}

function arrayFormat(options: RequestOptions): string {
	if (options.useQuerystring === true) return 'repeat';
	return options.qsStringifyOptions?.arrayFormat ?? options.arrayFormat ?? 'indices';
}

const ARRAY_NAMES: Record<string, (name: string, index: number) => string> = {
	indices: (name, index) => `${name}[${index}]`,
	brackets: (name) => `${name}[]`,
	repeat: (name) => name,
};

/** Names and values as n8n's HTTP library flattens them. */
function pairs(values: object, format: string, outer?: string): Pair[] {
	return Object.entries(values).flatMap(([key, value]: [string, unknown]): Pair[] => {
		const name = outer === undefined ? key : `${outer}[${key}]`;
		if (!Array.isArray(value)) return pair(name, value, format);
		if (format === 'comma') return [[name, value.map(text).join(',')]];
		const nameOf = ARRAY_NAMES[format] ?? ARRAY_NAMES.indices;
		return value.flatMap((entry, index) => pair(nameOf?.(name, index) ?? name, entry, format));
	});
}

function pair(name: string, value: unknown, format: string): Pair[] {
	if (value === undefined) return [];
	if (typeof value !== 'object' || value === null || value instanceof Date) {
		return [[name, text(value)]];
	}
	return pairs(value, format, name);
}

function text(value: unknown): string {
	if (value === null || value === undefined) return '';
	return value instanceof Date ? value.toISOString() : String(value as GenericValue);
}

function bodyOf(options: RequestOptions): { bytes: Buffer; contentType?: string } {
	const { body, form, formData } = options;
	if (formData !== undefined) throw unsignable();
	if (form !== undefined && form !== null) {
		const encoded = typeof form === 'string' ? form : toQuery(pairs(form, 'indices'));
		return { bytes: Buffer.from(encoded), contentType: FORM };
	}
	if (body === undefined || body === null || body === '') return { bytes: Buffer.alloc(0) };
	if (Buffer.isBuffer(body)) return { bytes: body };
	if (body instanceof URLSearchParams) {
		return { bytes: Buffer.from(body.toString()), contentType: FORM };
	}
	if (typeof body !== 'object') return { bytes: Buffer.from(String(body)), contentType: JSON_TYPE };
	if (isStreamOrForm(body)) throw unsignable();
	return isForm(options.headers ?? {})
		? { bytes: Buffer.from(toQuery(pairs(body, 'indices'))) }
		: { bytes: Buffer.from(JSON.stringify(body)), contentType: JSON_TYPE };
}

function isStreamOrForm(body: object): boolean {
	return 'pipe' in body || 'getHeaders' in body || body instanceof FormData;
}

function unsignable(): UserError {
	return new UserError(
		'App Authentication cannot sign a file or a multipart form. Choose Access Token in the KooDrive API credential for this request.',
	);
}
