import type { IDataObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { headerOf, withHeaders } from './headers';
import { pairs, toQuery } from './query';
import type { RequestOptions } from './requestOptions';
import { isLegacy } from './requestOptions';
import { isForm, toWireBody } from './wireBody';

/*
 * n8n's HTTP library encodes the query and the body after the credential has authenticated the request. A signature
 * must cover exactly the bytes that are sent, so the functions here encode them first: n8n gets a complete URL and
 * the body's bytes, which it no longer changes.
 */

/** A request with its query in the URL and its body as bytes. */
export interface WireRequest {
	method: string;
	url: URL;
	headers: IDataObject;
	body: Buffer;
}

/**
 * Encodes a request as it's sent.
 *
 * @param options the request as n8n passes it to a credential, in either of its forms
 * @returns the complete URL, the headers with the Content-Type that the body needs, and the body's bytes
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
 * Converts a wire request back to n8n's form, so that n8n sends it unchanged.
 *
 * @param options the request that it was made from
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
