import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { FailureReport } from './describeFailure';
import type { Failure } from './failure';

/** @returns KooDrive's response to a failed request, redacted; empty if there was none */
export function getResponseFields({ code, msg, httpCode }: Failure): IDataObject {
	return Object.fromEntries(
		Object.entries({ code, msg, httpCode }).filter(([, value]) => value !== undefined),
	);
}

/**
 * Makes the error that n8n shows and stores. It has no cause, because the errors of n8n's HTTP helper contain
 * the request's headers.
 */
export function toNodeError(
	node: INode,
	report: FailureReport,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	const { message, description } = report;
	const { reason } = report.failure;
	if (reason === 'invalidInput' || reason === 'notSent') {
		return withMessage(new NodeOperationError(node, message, { description, itemIndex }), message);
	}
	return toNodeApiError(node, report, itemIndex);
}

/**
 * Makes the error that n8n shows in full even where it isn't about an item: of other errors, the editor's lists
 * show the message alone.
 */
export function toNodeApiError(
	node: INode,
	{ failure, message, description }: FailureReport,
	itemIndex?: number,
): NodeApiError {
	const { httpCode } = failure;
	const response = getResponseFields(failure);
	const error = new NodeApiError(node, {} as JsonObject, {
		message,
		description,
		itemIndex,
		...(httpCode !== undefined && { httpCode: String(httpCode) }),
	});
	// n8n's error view shows it as the error's data.
	if (Object.keys(response).length > 0) error.context.data = response;
	return withMessage(error, message);
}

/** n8n replaces a message in which it finds something like EACCES, and an ID may contain anything. */
function withMessage<AnyError extends Error>(error: AnyError, message: string): AnyError {
	error.message = message;
	return error;
}
