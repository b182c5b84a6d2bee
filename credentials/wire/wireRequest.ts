import type { IDataObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { headerOf, withHeaders } from './headers';
import { pairs, toQuery } from './query';
import type { RequestOptions } from './requestOptions';
import { isLegacy } from './requestOptions';
import { isForm, toWireBody } from './wireBody';

/*
 * n8n leaves the making of the query and the body to its HTTP library, after the credential had its say. A
 * signature must cover what is sent byte for byte, so these functions do that work here and hand on a
 * complete URL and the body's bytes, which nothing changes any more.
 */

/** A request whose query stands in its URL and whose body is bytes. */
export interface WireRequest {
	method: string;
	url: URL;
	headers: IDataObject;
	body: Buffer;
}

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
 * Puts a wire request back into n8n's form, so that it is sent as it is.
 *
 * @param options the request that it was made from
 * @param wire the request as it is to be sent
 * @returns the same request, with nothing left to make of it
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

/** n8n takes a form apart and puts it together again unless it comes as text. */
function bytesOrText({ headers, body }: WireRequest): Buffer | string {
	return isForm(headers) ? body.toString() : body;
}

function completeUrl(options: RequestOptions): URL {
	const address = options.url ?? options.uri ?? '';
	// As axios joins the two: one slash between them, unless the address names a host of its own.
	const isComplete = /^([a-z][a-z\d+.-]*:)?\/\//i.test(address);
	const base = options.baseURL ?? '';
	const joined = isComplete ? address : `${base.replace(/\/+$/, '')}/${address.replace(/^\//, '')}`;
	if (!URL.canParse(joined)) {
		throw new UserError('The URL of the request is not complete. It must begin with https://.');
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
