import memoize from 'lodash/memoize';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Item } from './operation';

/**
 * Makes an item as operations see it. Each parameter is worked out once: an expression may give something else the
 * next time, and takes n8n longer than all else that is done for an item.
 *
 * @param context n8n's view of the node that is run
 * @param itemIndex where the item stands among the input items
 * @returns the item
 */
export function itemOf(context: IExecuteFunctions, itemIndex: number): Item {
	return { parameter: memoize((name) => context.getNodeParameter(name, itemIndex, null)) };
}
