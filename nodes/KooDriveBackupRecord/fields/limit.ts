import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../../shared/run/operation';
import { wholeNumber } from '../../shared/run/settings';

const returnAllField: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1, numberPrecision: 0 },
	default: 50,
	displayOptions: { show: { returnAll: [false] } },
	description: 'Max number of results to return',
};

/** The fields that say how much of a list is wanted. */
export const limitFields = [returnAllField, limitField];

/**
 * Reads how much of a list is wanted.
 *
 * @param item the item
 * @returns how many entries at the most; infinite where all are wanted
 * @throws UserError when the Limit is not a whole number of at least 1
 */
export function limit(item: Item): number {
	if (item.parameter('returnAll') === true) return Infinity;
	return wholeNumber(item.parameter('limit'), 'Limit', limitField);
}
