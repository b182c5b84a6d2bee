import type { IDataObject } from 'n8n-workflow';
import { isObjectEmpty, UserError } from 'n8n-workflow';

import { headerOf } from './headers';
import type { Pair } from './query';
import { pairs, toQuery } from './query';
import type { RequestOptions } from './requestOptions';
import { isLegacy } from './requestOptions';

/** A body, and the Content-Type that it gets unless the caller set one. */
export interface WireBody {
	bytes: Buffer;
	contentType?: string;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const NOTHING: WireBody = { bytes: Buffer.alloc(0) };

/** Methods whose body n8n leaves out, though not in the older form of a request. */
const WITHOUT_BODY = ['GET', 'HEAD'];

/**
 * Encodes the body as n8n and its HTTP library would.
 *
 * @param options the request as n8n passes it to a credential, in either of its forms
 * @param method in capitals
 * @throws UserError when the body is a stream or multipart form, which can't be signed without consuming it
 */
export function toWireBody(options: RequestOptions, method: string): WireBody {
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

/**
 * @returns whether the Content-Type is that of a form
 * Source: RFC 9110, section 8.3 (Content-Type).
 */
export function isForm(headers: IDataObject): boolean {
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

/** The fields of a form. n8n encodes lists in a form differently from lists in a query. */
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
