import type { INodeProperties } from 'n8n-workflow';

const PASTED_PREFIX = /^(?:bearer(?:\+|%20|\s+))+/i;

/**
 * Takes off what comes along when an access token is copied from the browser: blanks and line breaks around
 * it and a leading `Bearer+`, `Bearer ` or `Bearer%20`, in any case.
 *
 * @param pasted the access token as it was entered
 * @returns the bare access token
 * Source: KooDrive API Reference, "Authentication".
 */
export function bareAccessToken(pasted: string): string {
	return pasted.trim().replace(PASTED_PREFIX, '').trim();
}

/** What stands before the token, and the token: RFC 9110, section 11.6.2, puts one blank between them. */
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

/** The Token Format field. It chooses a notation and holds no secret, whatever its name suggests to a linter. */
export const tokenFormatField: INodeProperties = {
	displayName: 'Token Format',
	name: 'tokenFormat',
	type: 'options',
	options: [
		{ name: 'Bearer+token, as KooDrive Documents It', value: 'bearerPlus' },
		{ name: 'Bearer Token, RFC 6750', value: 'bearerSpace' },
		{ name: 'As Entered', value: 'raw' },
	],
	default: 'bearerPlus',
	description:
		'How the token is sent. Keep the first one unless KooDrive refuses a token that is surely alive.',
	displayOptions: { show: { authentication: ['accessToken'] } },
};
