import type { ReasonName } from '../failures/reasons';
import type { Redact } from '../failures/redact';
import type { CallResult } from './result';
import { failed } from './result';

/** What Node's and axios's error codes mean. Source: Node.js documentation, "Errors" and "TLS (SSL)". */
const CODE_REASONS: Record<string, ReasonName> = {
	ECONNREFUSED: 'connectionRefused',
	ECONNRESET: 'connectionReset',
	EPIPE: 'connectionReset',
	ECONNABORTED: 'timedOut',
	ETIMEDOUT: 'timedOut',
	EAI_AGAIN: 'nameLookupFailed',
	ENOTFOUND: 'nameNotFound',
	EHOSTUNREACH: 'hostUnreachable',
	ENETUNREACH: 'hostUnreachable',
	ENETDOWN: 'hostUnreachable',
	EADDRNOTAVAIL: 'hostUnreachable',
	EPROTO: 'encryptionFailed',
	ERR_BAD_RESPONSE: 'answerCutShort',
	CERT_HAS_EXPIRED: 'certificateNotTrusted',
	CERT_NOT_YET_VALID: 'certificateNotTrusted',
	CERT_REVOKED: 'certificateNotTrusted',
	CERT_UNTRUSTED: 'certificateNotTrusted',
	CERT_REJECTED: 'certificateNotTrusted',
	CERT_CHAIN_TOO_LONG: 'certificateNotTrusted',
	CERT_SIGNATURE_FAILURE: 'certificateNotTrusted',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'certificateNotTrusted',
	SELF_SIGNED_CERT_IN_CHAIN: 'certificateNotTrusted',
	UNABLE_TO_GET_ISSUER_CERT: 'certificateNotTrusted',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificateNotTrusted',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificateNotTrusted',
	INVALID_CA: 'certificateNotTrusted',
	INVALID_PURPOSE: 'certificateNotTrusted',
	HOSTNAME_MISMATCH: 'certificateNotTrusted',
	ERR_TLS_CERT_ALTNAME_INVALID: 'certificateNotTrusted',
};

interface ErrorLike {
	code?: unknown;
	message?: unknown;
	syscall?: unknown;
	isAxiosError?: unknown;
	cause?: unknown;
	errors?: unknown;
}

/**
 * Finds out why n8n's HTTP helper threw, which it does only where no answer came. The error itself is left
 * behind here: it holds the request's headers, and with them the Authorization.
 *
 * @param error what was thrown: n8n wraps axios's error, which wraps Node's, and none keeps the code in one
 * place
 * @param redact takes the credential's secrets out of what the error says
 * @returns the call's result
 */
export function networkFailure(error: unknown, redact: Redact): CallResult {
	const chain = causes(error);
	const known = chain.find(({ code }) => typeof code === 'string' && code in CODE_REASONS);
	if (known !== undefined) {
		const code = String(known.code);
		return failed(whileConnecting(CODE_REASONS[code], chain), { detail: code });
	}
	const coded = chain.find(({ code }) => typeof code === 'string');
	const isFromTheNetwork = chain.some(({ isAxiosError }) => isAxiosError === true);
	if (coded !== undefined && isFromTheNetwork) {
		const reason = String(coded.code).startsWith('ERR_SSL_')
			? 'encryptionFailed'
			: 'connectionFailed';
		return failed(reason, { detail: String(coded.code) });
	}
	// The innermost error is the one that somebody wrote for the user: the credential's, or n8n's own.
	const words = chain
		.map(({ message }) => message)
		.filter((m) => typeof m === 'string' && m !== '');
	return failed('notSent', { detail: redact(String(words.at(-1) ?? 'no reason was given')) });
}

function whileConnecting(reason: ReasonName | undefined, chain: ErrorLike[]): ReasonName {
	const isConnecting = chain.some(({ syscall }) => syscall === 'connect');
	if (reason === 'timedOut' && isConnecting) return 'connectTimedOut';
	return reason ?? 'connectionFailed';
}

/** The error and everything it was made from, outermost first. */
function causes(error: unknown): ErrorLike[] {
	const chain: ErrorLike[] = [];
	const waiting: unknown[] = [error];
	while (waiting.length > 0) {
		const next = waiting.shift();
		if (typeof next !== 'object' || next === null || chain.includes(next)) continue;
		const link: ErrorLike = next;
		chain.push(link);
		waiting.push(link.cause, ...(Array.isArray(link.errors) ? (link.errors as unknown[]) : []));
	}
	return chain;
}
