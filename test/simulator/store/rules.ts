import type { IncomingHttpHeaders } from 'node:http';

import type { LinkSigner } from './signedLinks';
import type { StoreReply } from './replies';
import { accessDenied, signatureDoesNotMatch, storeError } from './replies';

/** Headers that are for KooDrive and must not reach another host. */
const FOREIGN = ['x-user-id', 'x-date', 'x-backup-lock-id'];

interface SignedRequest {
	method: string;
	target: string;
	headers: IncomingHttpHeaders;
}

/** Says with which answer the store refuses a request before it looks at what the link is for. */
export function whyNotAllowed(
	request: SignedRequest,
	signer: LinkSigner,
	now: number,
): StoreReply | undefined {
	const unwanted = whyUnwanted(request);
	if (unwanted !== undefined) return unwanted;
	switch (signer.whyRefused(request, now)) {
		case 'signature':
			return signatureDoesNotMatch;
		case 'expired':
			return accessDenied('Request has expired');
		default:
			return undefined;
	}
}

function whyUnwanted({ method, headers }: SignedRequest): StoreReply | undefined {
	if (method !== 'PUT' && method !== 'GET') {
		return storeError(405, 'MethodNotAllowed', 'The method is not allowed.');
	}
	if (headers.authorization !== undefined) {
		return storeError(400, 'InvalidArgument', 'Only one auth mechanism allowed.');
	}
	const foreign = FOREIGN.find((name) => headers[name] !== undefined);
	if (foreign !== undefined) {
		return storeError(400, 'InvalidRequest', `The header ${foreign} is not for this host.`);
	}
	if (Object.keys(headers).some((name) => name.startsWith('x-amz-'))) {
		return accessDenied('There were headers present in the request which were not signed');
	}
	if (headers['transfer-encoding'] !== undefined) {
		return storeError(400, 'InvalidRequest', 'You must provide the Content-Length header.');
	}
	return undefined;
}
