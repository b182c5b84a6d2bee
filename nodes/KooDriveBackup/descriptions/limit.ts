import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { readBoolean } from '../../shared/descriptions/readBoolean';
import { readWholeNumber } from '../../shared/descriptions/readNumber';

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

/** The fields that bound a list. */
export const limitFields = [returnAllField, limitField];

/**
 * @returns the most entries that are wanted; Infinity where all are
 * @throws UserError when Limit isn't a whole number of at least 1
 */
export function readLimit(item: ItemParameters): number {
	if (readBoolean(item.getParameter('returnAll'), 'Return All')) return Infinity;
	return readWholeNumber(item.getParameter('limit'), 'Limit', limitField);
}
