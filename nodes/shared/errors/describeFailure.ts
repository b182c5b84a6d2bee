import type { Failure } from './failure';
import type { ReasonName } from './reasons';
import { getReason } from './reasons';
import { formatUtc } from './text';

export interface FailureReport {
	failure: Failure;
	/** What happened, to what. */
	message: string;
	/** What to do next. */
	description: string;
}

/** An operation's own texts, in place of the general ones. */
export type ReasonMessages = Partial<
	Record<ReasonName, { message?: string; description?: string }> & {
		/** What the lost lease is called (`it` unless set), and what to do next. */
		leaseLost: { message: string; description: string };
	}
>;

const MAY_BE_PROXY =
	'If n8n uses a proxy (environment variable HTTPS_PROXY), the proxy may be the cause.';

/** What a proxy responds in place of the server if it can't, or isn't allowed to, connect to it. */
const PROXY_STATUSES = [401, 403, 404, 502];

/** @param headline what wasn't done, for example `Lock "78e4" was not renewed` */
export function describeFailure(
	failure: Failure,
	headline: string,
	own: ReasonMessages = {},
): FailureReport {
	const messages =
		failure.leaseLoss === undefined ? own[failure.reason] : (own.leaseLost ?? own[failure.reason]);
	const { description } = { ...getReason(failure.reason), ...messages };
	return {
		failure,
		message: [headline, failure.failedStep, explainCause(failure, own)].filter(Boolean).join(': '),
		description: mayBeProxy(failure) ? `${description} ${MAY_BE_PROXY}` : description,
	};
}

/** @returns what happened, as the second half of a sentence, a lost lease included */
export function explainCause(failure: Failure, own: ReasonMessages = {}): string {
	return failure.summary ?? explainLeaseLoss(failure, own) ?? explainFailure(failure, own);
}

/** @returns why a request failed, as the second half of a sentence */
export function explainFailure(failure: Failure, own: ReasonMessages = {}): string {
	const { message } = { ...getReason(failure.reason), ...own[failure.reason] };
	const isWholeSentence = failure.reason === 'invalidInput' && failure.detail !== undefined;
	return isWholeSentence ? failure.detail! : withResponse(message, failure);
}

function explainLeaseLoss(
	{ leaseLoss }: Failure,
	{ leaseLost }: ReasonMessages,
): string | undefined {
	if (leaseLoss === undefined) return undefined;
	const subject = leaseLost?.message ?? 'it';
	return `${subject} was lost at ${formatUtc(leaseLoss.at)}, because ${leaseLoss.because}`;
}

function mayBeProxy({ reason, httpCode, code }: Failure): boolean {
	const isUnexplained = code === undefined && PROXY_STATUSES.includes(httpCode ?? 0);
	return getReason(reason).mayBeProxy === true || isUnexplained;
}

/** Adds KooDrive's response in parentheses, or to the parentheses that the message ends with. */
function withResponse(message: string, { httpCode, code, msg, detail }: Failure): string {
	const parts = [
		httpCode !== undefined && `HTTP ${httpCode}`,
		code !== undefined && `code ${code}`,
		msg !== undefined && `"${msg}"`,
		detail,
	].filter(Boolean);
	if (parts.length === 0) return message;
	return message.endsWith(')')
		? `${message.slice(0, -1)}, ${parts.join(', ')})`
		: `${message} (${parts.join(', ')})`;
}
