import type { GenericValue, IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { isObjectEmpty, UserError } from 'n8n-workflow';

/*
 * n8n's HTTP library encodes the query and the body after the credential has authenticated the request. A signature
 * must cover exactly the bytes that are sent, so the functions here encode them first, as the library would: n8n gets
 * a complete URL and the body's bytes, which it no longer changes.
 */

/** The older form of a request, which n8n's HTTP Request node still passes to credentials. */
interface LegacyOptions {
	uri?: string;
	form?: unknown;
	formData?: unknown;
	useQuerystring?: boolean;
	qsStringifyOptions?: { arrayFormat?: string };
}

/** A request in n8n's form, whichever of the two that is. */
export type RequestOptions = IHttpRequestOptions & LegacyOptions;

export interface WireRequest {
	method: string;
	url: URL;
	headers: IDataObject;
	body: Buffer;
}

interface WireBody {
	bytes: Buffer;
	/** Unless the caller set one. */
	contentType?: string;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const NOTHING: WireBody = { bytes: Buffer.alloc(0) };

/** Methods whose body n8n leaves out, though not in the older form of a request. */
const WITHOUT_BODY = ['GET', 'HEAD'];

/**
 * @throws UserError when the URL isn't complete, or the body is a stream or multipart form, which can't be signed
 * without consuming it
 */
export function toWireRequest(options: RequestOptions): WireRequest {
	const method = (options.method ?? 'GET').toUpperCase();
	const { bytes, contentType } = toWireBody(options, method);
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
 * @param options the request that `wire` was made from
 * @returns the wire request in n8n's form, which n8n sends unchanged
 */
export function fromWireRequest(options: RequestOptions, wire: WireRequest): RequestOptions {
	return {
		...options,
		...(isLegacy(options) ? { uri: wire.url.href } : { url: wire.url.href }),
		headers: wire.headers,
		body: wire.body.length > 0 ? bytesOrText(wire) : undefined,
		baseURL: undefined,
		qs: undefined,
		form: undefined,
	};
}

function isLegacy({ uri }: RequestOptions): boolean {
	return uri !== undefined;
}

/** n8n parses and encodes a form again unless it's text. */
function bytesOrText({ headers, body }: WireRequest): Buffer | string {
	return isForm(headers) ? body.toString() : body;
}

function completeUrl(options: RequestOptions): URL {
	const address = options.url ?? options.uri ?? '';
	// As axios joins the two: with one slash between them, unless the address has a host.
	const isComplete = /^([a-z][a-z\d+.-]*:)?\/\//i.test(address);
	const base = options.baseURL ?? '';
	const joined = isComplete ? address : `${base.replace(/\/+$/, '')}/${address.replace(/^\//, '')}`;
	if (!URL.canParse(joined)) {
		throw new UserError("The request's URL must be complete and start with https://.");
	}
	const url = new URL(joined);
	url.hash = '';
	url.search = toQuery([...url.searchParams, ...pairs(options.qs ?? {}, arrayFormat(options))]);
	return url;
}

function arrayFormat(options: RequestOptions): string {
	if (options.useQuerystring === true) return 'repeat';
	return options.qsStringifyOptions?.arrayFormat ?? options.arrayFormat ?? 'indices';
}

function toWireBody(options: RequestOptions, method: string): WireBody {
	const { body, form, formData } = options;
	if (formData !== undefined) throw unsignable();
	if (form !== undefined && form !== null) {
		const encoded = typeof form === 'string' ? form : toQuery(formPairs(options, form));
		return { bytes: Buffer.from(encoded), contentType: FORM };
	}
	if (WITHOUT_BODY.includes(method) && !isLegacy(options)) return NOTHING;
	if (body === undefined || body === null || body === '') return NOTHING;
	if (typeof body !== 'object') return bodyOfText(options, String(body));
	if (Buffer.isBuffer(body)) return { bytes: body };
	if (body instanceof URLSearchParams) {
		return { bytes: Buffer.from(body.toString()), contentType: FORM };
	}
	if (isStreamOrMultipart(body)) throw unsignable();
	if (isObjectEmpty(body) && !isLegacy(options)) return NOTHING;
	return isForm(options.headers ?? {})
		? { bytes: Buffer.from(toQuery(formPairs(options, body))) }
		: { bytes: Buffer.from(JSON.stringify(body)), contentType: JSON_TYPE };
}

/** Source: RFC 9110, section 8.3 (Content-Type). */
function isForm(headers: IDataObject): boolean {
	return headerOf(headers, 'Content-Type')?.startsWith(FORM) === true;
}

function bodyOfText(options: RequestOptions, text: string): WireBody {
	const contentType =
		headerOf(options.headers ?? {}, 'Content-Type') ?? (isLegacy(options) ? JSON_TYPE : FORM);
	const written = contentType.includes(JSON_TYPE) ? jsonOf(text) : text;
	return { bytes: Buffer.from(written), contentType };
}

/** Text that isn't JSON becomes a JSON string, so that a server can parse it. */
function jsonOf(text: string): string {
	try {
		JSON.parse(text);
		return text;
	} catch {
		return JSON.stringify(text);
	}
}

/** n8n encodes lists in a form differently from lists in a query. */
function formPairs(options: RequestOptions, form: object): Pair[] {
	if (isLegacy(options)) {
		const isRepeated = options.useQuerystring === true && isForm(options.headers ?? {});
		return pairs(form, isRepeated ? 'repeat' : 'indices');
	}
	return Object.entries(form)
		.filter(([, value]) => value !== null)
		.flatMap(([name, value]: [string, unknown]) =>
			pairs({ [name]: value }, isFlatList(value) ? 'brackets' : 'indices'),
		);
}

function isFlatList(value: unknown): boolean {
	return Array.isArray(value) && value.every((entry) => typeof entry !== 'object');
}

function isStreamOrMultipart(body: object): boolean {
	return 'pipe' in body || 'getHeaders' in body || body instanceof FormData;
}

function unsignable(): UserError {
	return new UserError(
		"App Authentication can't sign a file or a multipart form. For this request, set 'Authentication' to 'Access Token' in the KooDrive API credential.",
	);
}

/**
 * Finds a header, ignoring the case of its name (RFC 9110, section 5.1).
 *
 * @returns `undefined` if it's missing or empty
 */
export function headerOf(headers: IDataObject, name: string): string | undefined {
	const found = Object.entries(headers).find(([key]) => sameName(key, name))?.[1];
	return found === undefined || found === null || found === '' ? undefined : String(found);
}

/** @returns a copy with the new headers, without those whose names differ from theirs only in case */
export function withHeaders(headers: IDataObject, set: Record<string, string>): IDataObject {
	const kept = Object.entries(headers).filter(
		([key]) => !Object.keys(set).some((name) => sameName(key, name)),
	);
	return { ...Object.fromEntries(kept), ...set };
}

function sameName(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase();
}

/** Neither of them encoded. */
export type Pair = readonly [name: string, value: string];

/**
 * Percent-encodes all characters except the unreserved ones (`A-Z a-z 0-9 - _ . ~`).
 *
 * Source: RFC 3986, section 2.3; KooDrive API Reference, "App-based Authentication Generation Rule", step 1, which
 * requires the same.
 */
export function uriEncode(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString()).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}

/** @returns an encoded query or form, without a question mark */
export function toQuery(query: readonly Pair[]): string {
	return query.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&');
}

type NameOfEntry = (name: string, index: number) => string;

const byIndex: NameOfEntry = (name, index) => `${name}[${index}]`;

/** How the entries of lists are named in other formats than `indices`. */
const NAMES_OF_ENTRIES = new Map<string, NameOfEntry>([
	['brackets', (name) => `${name}[]`],
	['repeat', (name) => name],
]);

/**
 * Flattens nested values, as n8n's HTTP library does.
 *
 * @param values of a query or form; `undefined` is left out
 * @param format of lists: `indices`, `brackets`, `repeat`, or `comma`
 * @param outer the prefix of the names, for nested values
 */
function pairs(values: object, format: string, outer?: string): Pair[] {
	return Object.entries(values).flatMap(([key, value]: [string, unknown]): Pair[] => {
		const name = outer === undefined ? key : `${outer}[${key}]`;
		if (!Array.isArray(value)) return pair(name, value, format);
		if (format === 'comma') return [[name, value.map(textOf).join(',')]];
		const nameOf = NAMES_OF_ENTRIES.get(format) ?? byIndex;
		return value.flatMap((entry, index) => pair(nameOf(name, index), entry, format));
	});
}

function pair(name: string, value: unknown, format: string): Pair[] {
	if (value === undefined) return [];
	if (typeof value !== 'object' || value === null || value instanceof Date) {
		return [[name, textOf(value)]];
	}
	return pairs(value, format, name);
}

function textOf(value: unknown): string {
	if (value === null || value === undefined) return '';
	return value instanceof Date ? value.toISOString() : String(value as GenericValue);
}
