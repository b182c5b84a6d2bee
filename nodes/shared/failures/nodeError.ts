import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { FailureReport } from './words';

/**
 * Makes the fields of an item that failed while the workflow goes on.
 *
 * @param report the failure in words
 * @param subject the ID of what it is about, by the name of its field, where the item named one
 * @returns what KooDrive said, as far as it said anything
 */
export function failureFields({ failure }: FailureReport, subject: IDataObject = {}): IDataObject {
	const { code, msg, httpCode } = failure;
	return Object.fromEntries(
		Object.entries({ ...subject, code, msg, httpCode }).filter(([, value]) => value !== undefined),
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

/** n8n replaces a message in which it finds something like EACCES, and an ID may hold anything. */
function withMessage<AnyError extends Error>(error: AnyError, message: string): AnyError {
	error.message = message;
	return error;
}
