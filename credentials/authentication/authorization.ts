import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { headerOf, withHeaders } from '../wire/headers';
import { headerValue } from '../wire/headerValue';
import type { RequestOptions } from '../wire/requestOptions';
import { signedAuthorization } from './signature';
import { formatSigningTime } from './signingTime';
import { TOKEN_FORMATS } from './tokenFormat';
import { fromWireRequest, toWireRequest } from '../wire/wireRequest';

const WHERE_TO_FIX = 'Open the KooDrive API credential and enter it again.';

/**
 * Authenticates a request, whoever makes it: the node, or n8n's HTTP Request node with this credential. An
 * X-Date that the caller set is kept.
 *
 * @param credential the fields of a KooDrive API credential
 * @param options the request as n8n hands it to a credential
 * @param now milliseconds since the Unix epoch
 * @returns the request with Authorization, X-User-Id and X-Date; a signed one is complete, ready for the wire
 * @throws UserError when a field of the credential is empty or cannot stand in a header, or the request
 * cannot be signed
 * Source: KooDrive API Reference, "Authentication" and "Authentication-related Request Headers".
 */
export function authenticateRequest(
	credential: ICredentialDataDecryptedObject,
	options: RequestOptions,
	now: number,
): RequestOptions {
	const headers = withHeaders(options.headers ?? {}, {
		'X-User-Id': headerValue(credential.userId, 'User ID', WHERE_TO_FIX),
		'X-Date': headerOf(options.headers ?? {}, 'X-Date') ?? formatSigningTime(now),
	});
	return authenticationOf(credential) === 'app'
		? signRequest(credential, { ...options, headers })
		: {
				...options,
				headers: withHeaders(headers, { Authorization: tokenAuthorization(credential) }),
			};
}

/** How requests are authenticated: the values of the credential's Authentication field. */
export type Authentication = 'accessToken' | 'app';

/**
 * Tells how a credential authenticates.
 *
 * @param credential the fields of a KooDrive API credential
 * @returns the value of its Authentication field, which older credentials may lack
 */
export function authenticationOf(credential: ICredentialDataDecryptedObject): Authentication {
	return credential.authentication === 'app' ? 'app' : 'accessToken';
}

/** What KooDrive wants signed. Source: "App-based Authentication Generation Rule", step 1. */
function signRequest(
	credential: ICredentialDataDecryptedObject,
	options: RequestOptions,
): RequestOptions {
	const appId = headerValue(credential.appId, 'App ID', WHERE_TO_FIX);
	const appSecret = headerValue(credential.appSecret, 'App Secret', WHERE_TO_FIX);
	const wire = toWireRequest(options);
	const headerToSign = (name: string) => headerOf(wire.headers, name) ?? '';
	const authorization = signedAuthorization(appId, appSecret, {
		method: wire.method,
		path: wire.url.pathname,
		query: [...wire.url.searchParams],
		headers: {
			host: headerToSign('Host') || wire.url.host,
			'x-date': headerToSign('X-Date'),
			'x-user-id': headerToSign('X-User-Id'),
		},
		body: wire.body,
	});
	return fromWireRequest(options, {
		...wire,
		headers: withHeaders(wire.headers, { Authorization: authorization }),
	});
}

/**
 * Makes the `Authorization` header of token authentication.
 *
 * @param credential the fields of a KooDrive API credential
 * @returns the header's value, for example `Bearer+60f4ccc7b1`
 * @throws UserError when the access token is empty or cannot stand in a header
 * Source: KooDrive API Reference, "Authentication"; RFC 6750, section 2.1, for `bearerSpace`.
 */
export function tokenAuthorization(credential: ICredentialDataDecryptedObject): string {
	const schemeAndToken = TOKEN_FORMATS.get(String(credential.tokenFormat ?? 'bearerPlus'));
	if (schemeAndToken === undefined) {
		throw new UserError(`The Token Format is not one that this node knows. ${WHERE_TO_FIX}`);
	}
	const [scheme, token] = schemeAndToken(textOf(credential.accessToken));
	return scheme + headerValue(token, 'Access Token', WHERE_TO_FIX);
}

/**
 * Lists what must never show up in an output, an error or a log.
 *
 * @param credential the fields of a KooDrive API credential
 * @returns the secret values, as entered and without the scheme that any Token Format would take off; empty
 * ones left out
 */
export function secretValues(credential: ICredentialDataDecryptedObject): string[] {
	const accessToken = textOf(credential.accessToken);
	const withoutScheme = [...TOKEN_FORMATS.values()].map((format) => format(accessToken)[1]);
	const values = [accessToken, ...withoutScheme, textOf(credential.appSecret)];
	return [...new Set(values.map((value) => value.trim()))].filter((value) => value !== '');
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
