import type { Failure } from './failure';
import type { ReasonName } from './reasons';
import { reasonOf } from './reasons';
import { utc } from './utc';

/** A failure in the words that its user will read. */
export interface FailureReport {
	failure: Failure;
	/** What happened, to what. */
	message: string;
	/** What to do now. */
	description: string;
}

/** What a node says about reasons that mean something particular to it, in place of the general words. */
export type ReasonWords = Partial<
	Record<ReasonName, { what?: string; hint?: string }> & {
		/** What it is that was kept alive and lost, and what to do then; `it` unless said otherwise. */
		lost: { what: string; hint: string };
	}
>;

const MAY_BE_THE_PROXY =
	'If n8n reaches the Internet through a proxy (environment variable HTTPS_PROXY), it may be the proxy that says so.';

/** What a proxy answers in place of the server when it cannot, or will not, open the way to it. */
const STATUSES_OF_PROXIES = [401, 403, 404, 502];

/**
 * Puts a failed call into words.
 *
 * @param failure what is known of it
 * @param subject what did not happen, to what, for example `Lock "78e4" was not renewed`
 * @param ownWords what the node says of some reasons in place of the general words
 * @returns the message, and the description that says what to do
 */
export function reportFailure(
	failure: Failure,
	subject: string,
	ownWords: ReasonWords = {},
): FailureReport {
	const own =
		failure.lost === undefined
			? ownWords[failure.reason]
			: (ownWords.lost ?? ownWords[failure.reason]);
	const { hint } = { ...reasonOf(failure.reason), ...own };
	const why = howItWasLost(failure, ownWords) ?? whyItFailed(failure, ownWords);
	return {
		failure,
		message: `${subject}: ${why}`,
		description: mayBeTheProxys(failure) ? `${hint} ${MAY_BE_THE_PROXY}` : hint,
	};
}

/**
 * Tells why a call failed.
 *
 * @param failure what is known of it
 * @param ownWords what the node says of some reasons in place of the general words
 * @returns the second half of a sentence
 */
export function whyItFailed(failure: Failure, ownWords: ReasonWords = {}): string {
	const { what } = { ...reasonOf(failure.reason), ...ownWords[failure.reason] };
	const isOwnSentence = failure.reason === 'badInput' && failure.detail !== undefined;
	return isOwnSentence ? failure.detail! : what + inKooDrivesWords(failure);
}

function howItWasLost({ lost }: Failure, { lost: own }: ReasonWords): string | undefined {
	if (lost === undefined) return undefined;
	const what = own?.what ?? 'it';
	return `${what} was lost while it was kept alive, at ${utc(lost.at)}, because ${lost.because}`;
}

function mayBeTheProxys({ reason, httpCode, code }: Failure): boolean {
	const { proxyToo } = reasonOf(reason);
	const saysNoMore = code === undefined && STATUSES_OF_PROXIES.includes(httpCode ?? 0);
	return proxyToo === true || saysNoMore;
}

function inKooDrivesWords({ httpCode, code, msg, detail }: Failure): string {
	const words = [
		httpCode !== undefined && `HTTP ${httpCode}`,
		code !== undefined && `code ${code}`,
		msg !== undefined && `"${msg}"`,
		detail,
	].filter(Boolean);
	return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
