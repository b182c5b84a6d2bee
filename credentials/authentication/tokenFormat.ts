import type { INodeProperties } from 'n8n-workflow';

const COOKIE = /(?:^|[;\s])authorization\s*[=:]\s*([^;]*)/i;
const QUOTES = /^["'“”‘’`]+|["'“”‘’`]+$/g;
const SCHEME = /^(?:bearer(?:\+|\s+))+/i;

/**
 * Removes what is copied along with an access token: spaces and line breaks, quotes, percent-encoding, the name of its
 * cookie or header with the other cookies, and a leading `Bearer+` or `Bearer `, in any case. None of it can be a part
 * of a token (RFC 6750, section 2.1).
 *
 * Source: KooDrive API Reference, "Authentication".
 */
export function bareAccessToken(pasted: string): string {
	const unquoted = pasted.trim().replace(QUOTES, '');
	const value = COOKIE.exec(unquoted)?.[1] ?? unquoted;
	const bare = decode(value.replace(SCHEME, '').trim());
	return bare === pasted ? bare : bareAccessToken(bare);
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
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
