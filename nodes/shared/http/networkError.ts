import type { ReasonName } from '../errors/reasons';
import type { Redact } from '../errors/redact';
import { quoteResponse } from '../errors/redact';
import type { AttemptResult } from './request';
import { failed } from './request';

/** What Node's and axios's error codes mean. Source: Node.js documentation, "Errors" and "TLS (SSL)". */
export const ERROR_CODE_REASONS = new Map<string, ReasonName>([
	['ECONNREFUSED', 'connectionRefused'],
	['ECONNRESET', 'connectionReset'],
	['EPIPE', 'connectionReset'],
	['ECONNABORTED', 'responseTimeout'],
	['ETIMEDOUT', 'responseTimeout'],
	['EAI_AGAIN', 'dnsLookupFailed'],
	['EAI_FAIL', 'dnsLookupFailed'],
	['ENOTFOUND', 'hostNotFound'],
	['EHOSTUNREACH', 'hostUnreachable'],
	['ENETUNREACH', 'hostUnreachable'],
	['ENETDOWN', 'hostUnreachable'],
	['EADDRNOTAVAIL', 'hostUnreachable'],
	['EPROTO', 'tlsFailed'],
	['ERR_BAD_RESPONSE', 'responseTruncated'],
	['CERT_HAS_EXPIRED', 'certificateUntrusted'],
	['CERT_NOT_YET_VALID', 'certificateUntrusted'],
	['CERT_REVOKED', 'certificateUntrusted'],
	['CERT_UNTRUSTED', 'certificateUntrusted'],
	['CERT_REJECTED', 'certificateUntrusted'],
	['CERT_CHAIN_TOO_LONG', 'certificateUntrusted'],
	['CERT_SIGNATURE_FAILURE', 'certificateUntrusted'],
	['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificateUntrusted'],
	['SELF_SIGNED_CERT_IN_CHAIN', 'certificateUntrusted'],
	['UNABLE_TO_GET_ISSUER_CERT', 'certificateUntrusted'],
	['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificateUntrusted'],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificateUntrusted'],
	['INVALID_CA', 'certificateUntrusted'],
	['INVALID_PURPOSE', 'certificateUntrusted'],
	['HOSTNAME_MISMATCH', 'certificateUntrusted'],
	['ERR_TLS_CERT_ALTNAME_INVALID', 'certificateUntrusted'],
]);

/** How Node.js begins the message of an error that came before there was a connection. */
const CONNECTING = /^connect E[A-Z]+/;

// A connection that the server closes during the handshake has the same code as any reset.
const BEFORE_TLS = /before secure TLS connection was established/;

interface ErrorLike {
	code?: unknown;
	message?: unknown;
	syscall?: unknown;
	isAxiosError?: unknown;
	/** Before n8n 2.34, its NodeApiError lost axios's error: the code is in this field, where a status belongs. */
	httpCode?: unknown;
	/** The original messages, likewise. */
	messages?: unknown;
	cause?: unknown;
	errors?: unknown;
	/** axios refers to the request, which refers to its socket: that tells whether the TLS handshake was in progress. */
	request?: { socket?: { secureConnecting?: unknown } | null } | null;
}

/**
 * Finds out why n8n's HTTP helper threw, which it does only where there was no response. The error itself is
 * left behind here: it contains the request's headers, and with them the Authorization.
 *
 * @param error n8n wraps axios's error, which wraps Node's, and the code isn't always in the same place
 * @param redact removes the credential's secrets from what the error says
 */
export function toNetworkFailure(error: unknown, redact: Redact): AttemptResult {
	const chain = collectCauses(error);
	const known = findKnownCode(chain);
	if (known !== undefined) return failed(refineReason(known.reason, chain), { detail: known.code });
	const code = collectCodes(chain)[0];
	const isFromTheNetwork = chain.some(
		(link) => link.isAxiosError === true || getMisplacedCode(link) !== undefined,
	);
	if (code !== undefined && isFromTheNetwork) {
		return failed(code.startsWith('ERR_SSL_') ? 'tlsFailed' : 'connectionFailed', {
			detail: code,
		});
	}
	// The innermost error is the one that was written for the user: the credential's, or n8n's own.
	const text = collectMessages(chain).at(-1) ?? 'unknown reason';
	return failed('notSent', { detail: quoteResponse(text, redact) });
}

/** @returns the code of an error that ended the reading of a response, for example `ECONNRESET` */
export function getErrorCode(error: unknown): string | undefined {
	return collectCodes(collectCauses(error))[0];
}

interface KnownCode {
	code: string;
	reason: ReasonName;
}

function findKnownCode(chain: ErrorLike[]): KnownCode | undefined {
	for (const code of collectCodes(chain)) {
		const reason = ERROR_CODE_REASONS.get(code);
		if (reason !== undefined) return { code, reason };
	}
	return undefined;
}

/** Whether the connection was established decides whether KooDrive can have carried anything out. */
function refineReason(reason: ReasonName, chain: ErrorLike[]): ReasonName {
	const isConnecting =
		chain.some(({ syscall }) => syscall === 'connect') ||
		collectMessages(chain).some((message) => CONNECTING.test(message));
	if (reason === 'responseTimeout' && isConnecting) return 'connectTimeout';
	const isInHandshake =
		chain.some(({ request }) => request?.socket?.secureConnecting === true) ||
		collectMessages(chain).some((message) => BEFORE_TLS.test(message));
	return reason === 'connectionReset' && isInHandshake ? 'tlsHandshakeReset' : reason;
}

function collectCodes(chain: ErrorLike[]): string[] {
	return chain.flatMap((link) =>
		[link.code, getMisplacedCode(link)].filter((code) => typeof code === 'string'),
	);
}

function getMisplacedCode({ httpCode }: ErrorLike): string | undefined {
	return typeof httpCode === 'string' && !/^\d*$/.test(httpCode) ? httpCode : undefined;
}

function collectMessages(chain: ErrorLike[]): string[] {
	return chain.flatMap(({ message, messages }) =>
		[message, ...(Array.isArray(messages) ? (messages as unknown[]) : [])].filter(
			(text): text is string => typeof text === 'string' && text !== '',
		),
	);
}

/** The error and everything it was made from, outermost first. */
function collectCauses(error: unknown): ErrorLike[] {
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
