import type { IExecuteFunctions } from 'n8n-workflow';

import type { Item } from './operation';

/**
 * Makes an item as operations see it.
 *
 * @param context n8n's view of the node that is run
 * @param itemIndex where the item stands among the input items
 * @returns the item
 */
export function itemOf(context: IExecuteFunctions, itemIndex: number): Item {
	return { parameter: (name) => context.getNodeParameter(name, itemIndex, null) };
}
