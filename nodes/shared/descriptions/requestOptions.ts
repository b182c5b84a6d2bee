import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from './itemParameters';
import { readWholeNumber } from './readNumber';

const maxConcurrencyOption: INodeProperties = {
	displayName: 'Max Concurrency',
	name: 'maxConcurrency',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
	default: 50,
	description: 'Maximum number of items to process at the same time (1 to 1000)',
};

const maxTriesOption: INodeProperties = {
	displayName: 'Max Tries',
	name: 'maxTries',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
	default: 10,
	description:
		'Maximum number of attempts per request if it fails with a transient error (1 to 10)',
};

const timeoutOption: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 3_600_000, numberPrecision: 0 },
	default: 10_000,
	description:
		'Milliseconds to wait for the response to each attempt (1 to 3600000). All attempts of a request together take up to 60 seconds.',
};

const longTimeoutOption: INodeProperties = {
	...timeoutOption,
	description:
		'Milliseconds to wait for the response to each attempt (1 to 3600000). Requests are retried until nothing has succeeded for 9 minutes.',
};

/**
 * The entries of Options that operations have in common.
 *
 * @param isPerItem whether the operation processes items side by side
 * @param outlastsOutages whether it retries for nine minutes, however many attempts that takes
 */
export function getRequestOptions(isPerItem: boolean, outlastsOutages: boolean): INodeProperties[] {
	return [
		...(isPerItem ? [maxConcurrencyOption] : []),
		...(outlastsOutages ? [longTimeoutOption] : [maxTriesOption, timeoutOption]),
	];
}

/**
 * @returns how often the requests of an item may be sent, and the timeout of each attempt in milliseconds
 * @throws UserError when a number is out of its bounds
 */
export function readRetryPolicy(item: ItemParameters): { maxAttempts: number; timeout: number } {
	return {
		maxAttempts: readNumberOption(item, maxTriesOption),
		timeout: readNumberOption(item, timeoutOption),
	};
}

/**
 * @param item the first item: Max Concurrency is the same for all
 * @throws UserError when it's out of its bounds
 */
export function readMaxConcurrency(item: ItemParameters): number {
	return readNumberOption(item, maxConcurrencyOption);
}

/**
 * Reads an entry of a collection that is a whole number.
 *
 * @param collection the path of the parameter that contains the entry
 * @returns its default where the item doesn't set it
 * @throws UserError when it isn't a whole number, or out of its bounds
 */
export function readNumberOption(
	item: ItemParameters,
	option: INodeProperties,
	collection = 'options',
): number {
	const value = item.getParameter(`${collection}.${option.name}`) ?? option.default;
	return readWholeNumber(value, option.displayName, option);
}
