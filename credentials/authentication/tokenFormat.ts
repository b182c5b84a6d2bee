import type { INodeProperties } from 'n8n-workflow';

const PASTED_PREFIX = /^(?:bearer(?:\+|%20|\s+))+/i;

/**
 * Removes what the browser copies along with an access token: spaces and line breaks around it, and a leading
 * `Bearer+`, `Bearer `, or `Bearer%20`, in any case.
 *
 * Source: KooDrive API Reference, "Authentication".
 */
export function bareAccessToken(pasted: string): string {
	return pasted.trim().replace(PASTED_PREFIX, '').trim();
}

/** The scheme with its separator, and the token. Source: RFC 9110, section 11.6.2 (a space separates them). */
type SchemeAndToken = [scheme: string, token: string];

/** How an access token can be sent: the values of the Token Format field. */
export const TOKEN_FORMATS: ReadonlyMap<string, (entered: string) => SchemeAndToken> = new Map([
	['bearerPlus', (entered) => ['Bearer+', bareAccessToken(entered)]],
	['bearerSpace', (entered) => ['Bearer ', bareAccessToken(entered)]],
	['raw', asEntered],
]);

function asEntered(entered: string): SchemeAndToken {
	const trimmed = entered.trim();
	const scheme = /^\S+ /.exec(trimmed)?.[0] ?? '';
	return [scheme, trimmed.slice(scheme.length)];
}

/** The Token Format field. It contains no secret, although its name suggests that to a linter. */
export const tokenFormatField: INodeProperties = {
	displayName: 'Token Format',
	name: 'tokenFormat',
	type: 'options',
	options: [
		{ name: 'Bearer+Token (KooDrive Default)', value: 'bearerPlus' },
		{ name: 'Bearer Token (RFC 6750)', value: 'bearerSpace' },
		{ name: 'As Entered', value: 'raw' },
	],
	default: 'bearerPlus',
	description:
		'How the token is written in the Authorization header. Change it only if KooDrive rejects a valid token.',
	displayOptions: { show: { authentication: ['accessToken'] } },
};
