import { UserError } from 'n8n-workflow';

const WHERE_TO_FIX =
	"Open the KooDrive API credential and enter 'Endpoint' like https://intl.myhuaweicloud-koodrive.com.";
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Validates the endpoint of a credential and normalizes it, so that paths can be appended.
 *
 * @param endpoint for example `https://intl.myhuaweicloud-koodrive.com/`
 * @returns the endpoint without a trailing slash
 * @throws UserError when it isn't an absolute https URL, or contains a user name, a password, a query, or a
 * fragment. Plain http is allowed for loopback addresses only.
 * Source: KooDrive API Reference, "Endpoints"; RFC 3986, section 3.
 */
export function parseEndpoint(endpoint: unknown): string {
	const text = typeof endpoint === 'string' ? endpoint.trim() : '';
	if (text === '') throw new UserError(`'Endpoint' is empty. ${WHERE_TO_FIX}`);
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || !/^https?:\/\//i.test(text)) {
		throw new UserError(`'Endpoint' must be a complete https:// address. ${WHERE_TO_FIX}`);
	}
	if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
		throw new UserError(
			`'Endpoint' must use https://, because http:// would expose the access token. ${WHERE_TO_FIX}`,
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new UserError(`'Endpoint' must not contain a user name or password. ${WHERE_TO_FIX}`);
	}
	if (/[?#]/.test(text)) {
		throw new UserError(
			`'Endpoint' must not contain a query or fragment (? or #). ${WHERE_TO_FIX}`,
		);
	}
	return url.origin + url.pathname.replace(/\/+$/, '');
}

/** @returns whether a host name, as a URL has it, is this machine's own */
export function isLoopback(hostname: string): boolean {
	return LOOPBACK.test(hostname);
}
