import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { reasonOf } from './reasons';
import type { Failure } from '../transport/result';
import type { CallOutcome, GaveUp } from '../retry/retry';
import { DEADLINE } from '../retry/retry';

/** An item that failed, in the words that its user will read. */
export interface FailureReport {
	failure: Failure;
	/** What happened, to which lock. */
	message: string;
	/** What to do now. */
	description: string;
}

const GAVE_UP: Record<GaveUp, string> = {
	maxTries: 'No more tries were left (Max Tries option).',
	deadline: `Another try would have taken longer than the ${DEADLINE / 1000} seconds that one lock may take.`,
	quota:
		'It was not tried again, because too many other locks needed further tries at the same time.',
};

/**
 * Puts a failed call into words.
 *
 * @param failure what is known of it
 * @param subject what did not happen, to which lock, for example `Lock "78e4" was not renewed`
 * @param tries how the call was repeated, if it was sent at all
 * @returns the message, and the description that says what to do
 */
export function reportFailure(
	failure: Failure,
	subject: string,
	tries?: Pick<CallOutcome, 'tries' | 'gaveUp'>,
): FailureReport {
	const { what, hint } = reasonOf(failure.reason);
	const isOwnSentence = failure.reason === 'badInput' && failure.detail !== undefined;
	return {
		failure,
		message: `${subject}: ${isOwnSentence ? failure.detail : what + inKooDrivesWords(failure)}`,
		description: [
			hint,
			tries !== undefined && tries.tries > 1 && `It was tried ${tries.tries} times.`,
			tries?.gaveUp !== undefined && GAVE_UP[tries.gaveUp],
		]
			.filter(Boolean)
			.join(' '),
	};
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

/**
 * Makes the fields of an item that failed while the workflow goes on.
 *
 * @param report the failure in words
 * @param lockId the lock, where the item named one
 * @returns what KooDrive said, as far as it said anything
 */
export function failureFields({ failure }: FailureReport, lockId?: string): IDataObject {
	const { code, msg, httpCode } = failure;
	return Object.fromEntries(
		Object.entries({ lockId, code, msg, httpCode }).filter(([, value]) => value !== undefined),
	);
}

/**
 * Makes the error that n8n shows and stores. It is made of our own words alone: no cause, because the errors
 * of n8n's HTTP helper hold the request's headers.
 *
 * @param node the node that failed
 * @param report the failure in words
 * @param itemIndex the item that failed
 * @returns a NodeOperationError where the input was wrong, else a NodeApiError
 */
export function toNodeError(
	node: INode,
	{ failure, message, description }: FailureReport,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	const { code, msg, httpCode } = failure;
	if (failure.reason === 'badInput' || failure.reason === 'notSent') {
		const error = new NodeOperationError(node, message, { description, itemIndex });
		return withMessage(error, message);
	}
	const error = new NodeApiError(node, {} as JsonObject, {
		message,
		description,
		itemIndex,
		...(httpCode !== undefined && { httpCode: String(httpCode) }),
	});
	if (code !== undefined) error.context.data = { code, msg };
	return withMessage(error, message);
}

/** n8n replaces a message in which it finds something like EACCES, and a lock ID may hold anything. */
function withMessage<AnyError extends Error>(error: AnyError, message: string): AnyError {
	error.message = message;
	return error;
}
