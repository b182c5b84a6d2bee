import type { IExecuteFunctions, INodeParameterResourceLocator } from 'n8n-workflow';

import type { ItemParameters } from '../descriptions/itemParameters';
import { readRetryPolicy } from '../descriptions/requestOptions';
import type { KooDriveClient } from '../http/client';
import type { Place } from '../http/limiter';
import type { RetryPolicy } from '../http/retry';

/** @returns the parameters of an item; each is resolved once, because an expression may return something else the next time */
export function createItemParameters(
	context: IExecuteFunctions,
	itemIndex: number,
): ItemParameters {
	const resolved = new Map<string, unknown>();
	return {
		getParameter(name) {
			if (!resolved.has(name)) {
				resolved.set(name, unwrapLocator(context.getNodeParameter(name, itemIndex, null)));
			}
			return resolved.get(name);
		},
	};
}

/** A resource locator contains the ID and how it was selected. */
export function unwrapLocator(value: unknown): unknown {
	const isLocator = typeof value === 'object' && value !== null && '__rl' in value;
	return isLocator ? (value as INodeParameterResourceLocator).value : value;
}

/** An input item that is being worked on. */
export interface Item extends ItemParameters {
	/** Where it is among the input items. */
	index: number;
	client: KooDriveClient;
	policy: RetryPolicy;
	/** Its place under Max Concurrency. */
	place: Place;
}

/** @throws UserError when an option of the item isn't valid */
export function createItem(
	index: number,
	parameters: ItemParameters,
	client: KooDriveClient,
	place: Place,
): Item {
	return { index, ...parameters, client, policy: readRetryPolicy(parameters), place };
}
