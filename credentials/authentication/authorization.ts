import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { readHeaderValue } from '../input';
import type { RequestOptions } from '../wire';
import { fromWireRequest, headerOf, toWireRequest, withHeaders } from '../wire';
import { formatSigningTime, hexSha256, signedAuthorization } from './signature';
import { TOKEN_FORMATS } from './tokenFormat';

const WHERE_TO_FIX = 'Open the KooDrive API credential and enter it again.';

/**
 * Authenticates a request of the package's nodes, or of n8n's HTTP Request node with this credential. An X-Date
 * header that is set already isn't changed.
 *
 * @param credential the fields of a KooDrive API credential
 * @param options the request as n8n passes it to a credential
 * @param now milliseconds since the Unix epoch
 * @returns the request with Authorization, X-User-Id, and X-Date. A signed one is encoded completely.
 * @throws UserError when a field of the credential is empty or isn't allowed in a header, or the request can't be
 * signed
 * Source: KooDrive API Reference, "Authentication" and "Authentication-related Request Headers".
 */
export function authenticateRequest(
	credential: ICredentialDataDecryptedObject,
	options: RequestOptions,
	now: number,
): RequestOptions {
	const headers = withHeaders(options.headers ?? {}, {
		'X-User-Id': readHeaderValue(credential.userId, 'User ID', WHERE_TO_FIX),
		'X-Date': headerOf(options.headers ?? {}, 'X-Date') ?? formatSigningTime(now),
	});
	return getAuthentication(credential) === 'app'
		? signRequest(credential, { ...options, headers })
		: {
				...options,
				headers: withHeaders(headers, { Authorization: tokenAuthorization(credential) }),
			};
}

/** How requests are authenticated: the values of the credential's Authentication field. */
export type Authentication = 'accessToken' | 'app';

/** @returns how a credential authenticates; older credentials may lack the Authentication field */
export function getAuthentication(credential: ICredentialDataDecryptedObject): Authentication {
	return credential.authentication === 'app' ? 'app' : 'accessToken';
}

/** Signs what KooDrive requires. Source: "App-based Authentication Generation Rule", step 1. */
function signRequest(
	credential: ICredentialDataDecryptedObject,
	options: RequestOptions,
): RequestOptions {
	const appId = readHeaderValue(credential.appId, 'App ID', WHERE_TO_FIX);
	const appSecret = readHeaderValue(credential.appSecret, 'App Secret', WHERE_TO_FIX);
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
 * @returns the value of the `Authorization` header for token authentication, for example `Bearer+60f4ccc7b1`
 * @throws UserError when the access token is empty or isn't allowed in a header
 * Source: KooDrive API Reference, "Authentication"; RFC 6750, section 2.1, for `bearerSpace`.
 */
export function tokenAuthorization(credential: ICredentialDataDecryptedObject): string {
	const schemeAndToken = TOKEN_FORMATS.get(String(credential.tokenFormat ?? 'bearerPlus'));
	if (schemeAndToken === undefined) {
		throw new UserError(
			"'Token Format' isn't supported. Open the KooDrive API credential and select one from the list.",
		);
	}
	const [scheme, token] = schemeAndToken(textOf(credential.accessToken));
	if (token.includes(';')) {
		throw new UserError(
			`'Access Token' contains cookies, but none with the name Authorization. ${WHERE_TO_FIX}`,
		);
	}
	return scheme + readHeaderValue(token, 'Access Token', WHERE_TO_FIX);
}

/**
 * Lists what must never appear in an output, an error, or a log.
 *
 * @returns the secret values: as entered, as sent with their scheme, and without it, in every Token Format
 */
export function getSecrets(credential: ICredentialDataDecryptedObject): string[] {
	const accessToken = textOf(credential.accessToken);
	const sent = [...TOKEN_FORMATS.values()].flatMap((format) => {
		const [scheme, token] = format(accessToken);
		return token === '' ? [] : [scheme + token, token];
	});
	const values = [accessToken, ...sent, textOf(credential.appSecret)];
	return [...new Set(values.map((value) => value.trim()))].filter((value) => value !== '');
}

/**
 * The seed of the proof code of an upload: the hash of the X-User-Id header under app authentication, otherwise of
 * the Authorization header, as they are sent.
 *
 * Source: KooDrive API Reference, "Process of Generating ProofCode".
 */
export function getProofSeed(credential: ICredentialDataDecryptedObject): string {
	return hexSha256(
		getAuthentication(credential) === 'app'
			? readHeaderValue(credential.userId, 'User ID', WHERE_TO_FIX)
			: tokenAuthorization(credential),
	);
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
