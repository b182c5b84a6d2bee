import { UserError } from 'n8n-workflow';

const WHERE_TO_FIX =
	'Open the KooDrive API credential and enter the Endpoint like https://intl.myhuaweicloud-koodrive.com.';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks the endpoint of a credential and brings it into the form that paths are appended to.
 *
 * @param endpoint what the user entered, for example `https://intl.myhuaweicloud-koodrive.com/`
 * @returns the endpoint without a slash at its end
 * @throws UserError when it is not an absolute https URL, or holds a user name, a password, a query or a
 * fragment. Plain http is taken for loopback addresses alone.
 * Source: KooDrive API Reference, "Endpoints"; RFC 3986, section 3.
 */
export function parseEndpoint(endpoint: unknown): string {
	const text = typeof endpoint === 'string' ? endpoint.trim() : '';
	if (text === '') throw new UserError(`The Endpoint is empty. ${WHERE_TO_FIX}`);
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || !/^https?:\/\//i.test(text)) {
		throw new UserError(`The Endpoint is not a complete https address. ${WHERE_TO_FIX}`);
	}
	if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname)) {
		throw new UserError(
			`The Endpoint begins with http, which would send the access token unprotected. ${WHERE_TO_FIX}`,
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new UserError(`The Endpoint holds a user name or a password. ${WHERE_TO_FIX}`);
	}
	if (/[?#]/.test(text)) {
		throw new UserError(`The Endpoint holds a query or a fragment (? or #). ${WHERE_TO_FIX}`);
	}
	return url.origin + url.pathname.replace(/\/+$/, '');
}
