import type { ReasonName } from '../failures/reasons';
import type { Redact } from '../failures/redact';
import type { CallResult } from './result';
import { failed } from './result';

/** What Node's and axios's error codes mean. Source: Node.js documentation, "Errors" and "TLS (SSL)". */
const CODE_REASONS = new Map<string, ReasonName>([
	['ECONNREFUSED', 'connectionRefused'],
	['ECONNRESET', 'connectionReset'],
	['EPIPE', 'connectionReset'],
	['ECONNABORTED', 'timedOut'],
	['ETIMEDOUT', 'timedOut'],
	['EAI_AGAIN', 'nameLookupFailed'],
	['EAI_FAIL', 'nameLookupFailed'],
	['ENOTFOUND', 'nameNotFound'],
	['EHOSTUNREACH', 'hostUnreachable'],
	['ENETUNREACH', 'hostUnreachable'],
	['ENETDOWN', 'hostUnreachable'],
	['EADDRNOTAVAIL', 'hostUnreachable'],
	['EPROTO', 'encryptionFailed'],
	['ERR_BAD_RESPONSE', 'answerCutShort'],
	['CERT_HAS_EXPIRED', 'certificateNotTrusted'],
	['CERT_NOT_YET_VALID', 'certificateNotTrusted'],
	['CERT_REVOKED', 'certificateNotTrusted'],
	['CERT_UNTRUSTED', 'certificateNotTrusted'],
	['CERT_REJECTED', 'certificateNotTrusted'],
	['CERT_CHAIN_TOO_LONG', 'certificateNotTrusted'],
	['CERT_SIGNATURE_FAILURE', 'certificateNotTrusted'],
	['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificateNotTrusted'],
	['SELF_SIGNED_CERT_IN_CHAIN', 'certificateNotTrusted'],
	['UNABLE_TO_GET_ISSUER_CERT', 'certificateNotTrusted'],
	['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificateNotTrusted'],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificateNotTrusted'],
	['INVALID_CA', 'certificateNotTrusted'],
	['INVALID_PURPOSE', 'certificateNotTrusted'],
	['HOSTNAME_MISMATCH', 'certificateNotTrusted'],
	['ERR_TLS_CERT_ALTNAME_INVALID', 'certificateNotTrusted'],
]);

// Node gives a connection that the server ends in the handshake no code of its own.
const BEFORE_TLS = /before secure TLS connection was established/;

interface ErrorLike {
	code?: unknown;
	message?: unknown;
	syscall?: unknown;
	isAxiosError?: unknown;
	cause?: unknown;
	errors?: unknown;
	/** axios keeps the request, and that its socket, which knows whether https was still being set up. */
	request?: { socket?: { secureConnecting?: unknown } | null } | null;
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
	const known = knownIn(chain);
	if (known !== undefined) return failed(refined(known.reason, chain), { detail: known.code });
	const code = codesIn(chain)[0];
	const isFromTheNetwork = chain.some(({ isAxiosError }) => isAxiosError === true);
	if (code !== undefined && isFromTheNetwork) {
		return failed(code.startsWith('ERR_SSL_') ? 'encryptionFailed' : 'connectionFailed', {
			detail: code,
		});
	}
	// The innermost error is the one that somebody wrote for the user: the credential's, or n8n's own.
	const words = messagesIn(chain).at(-1) ?? 'no reason was given';
	return failed('notSent', { detail: redact(words) });
}

/**
 * Finds the code of an error that came while an answer was read.
 *
 * @param error what was thrown
 * @returns for example `ECONNRESET`, or `undefined` where there is no code
 */
export function codeOf(error: unknown): string | undefined {
	return codesIn(causes(error))[0];
}

interface KnownCode {
	code: string;
	reason: ReasonName;
}

function knownIn(chain: ErrorLike[]): KnownCode | undefined {
	for (const code of codesIn(chain)) {
		const reason = CODE_REASONS.get(code);
		if (reason !== undefined) return { code, reason };
	}
	return undefined;
}

/** Whether the connection stood decides whether KooDrive can have carried anything out. */
function refined(reason: ReasonName, chain: ErrorLike[]): ReasonName {
	const isConnecting = chain.some(({ syscall }) => syscall === 'connect');
	if (reason === 'timedOut' && isConnecting) return 'connectTimedOut';
	const isInHandshake =
		chain.some(({ request }) => request?.socket?.secureConnecting === true) ||
		messagesIn(chain).some((message) => BEFORE_TLS.test(message));
	return reason === 'connectionReset' && isInHandshake ? 'handshakeBroken' : reason;
}

function codesIn(chain: ErrorLike[]): string[] {
	return chain.flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
}

function messagesIn(chain: ErrorLike[]): string[] {
	return chain.flatMap(({ message }) =>
		typeof message === 'string' && message !== '' ? [message] : [],
	);
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
