import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { Item } from './operation';

const maxConcurrencyOption: INodeProperties = {
	displayName: 'Max Concurrency',
	name: 'maxConcurrency',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
	default: 50,
	description: 'How many items are worked on at the same time, when there are many (1 to 1000)',
};

const maxTriesOption: INodeProperties = {
	displayName: 'Max Tries',
	name: 'maxTries',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
	default: 10,
	description:
		'How often one request is sent at the most, when waiting may cure what went wrong (1 to 10). All tries together end within 60 seconds.',
};

const timeoutOption: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 3_600_000, numberPrecision: 0 },
	default: 10_000,
	description:
		'How long KooDrive may take to answer one try, in milliseconds. All tries together end within 60 seconds.',
};

/** The entries of a node's Options that all operations heed. */
export const commonOptions = [maxConcurrencyOption, maxTriesOption, timeoutOption];

/** How one request of an item may be sent. */
export interface Settings {
	maxTries: number;
	/** Milliseconds for each try. */
	timeout: number;
}

/**
 * Reads how the requests of an item may be sent.
 *
 * @param item the item
 * @returns what its Options ask for
 * @throws UserError when a number is out of its bounds
 */
export function readSettings(item: Item): Settings {
	return { maxTries: readOption(item, maxTriesOption), timeout: readOption(item, timeoutOption) };
}

/**
 * Reads how many items may be worked on at once: one number for the whole run.
 *
 * @param item the first item
 * @returns the number
 * @throws UserError when it is out of its bounds
 */
export function readMaxConcurrency(item: Item): number {
	return readOption(item, maxConcurrencyOption);
}

/**
 * Reads an entry of the Options that is a whole number.
 *
 * @param item the item
 * @param option the entry, with its bounds
 * @returns the number, or its default where the item does not set it
 * @throws UserError when it is not a whole number, or out of its bounds
 */
export function readOption(item: Item, option: INodeProperties): number {
	const value = item.parameter(`options.${option.name}`) ?? option.default;
	return wholeNumber(value, `option ${option.displayName}`, option);
}

/**
 * Checks a whole number.
 *
 * @param value what the user entered
 * @param what what it is called, for example `option Max Tries`
 * @param field the field in which it was entered, with its bounds
 * @returns the number
 * @throws UserError when it is not a whole number, or out of its bounds
 */
export function wholeNumber(
	value: unknown,
	what: string,
	{
		default: defaultValue,
		typeOptions: { minValue = 0, maxValue = Infinity } = {},
	}: INodeProperties,
): number {
	const isWritten = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
	const number = isWritten ? Number(value) : NaN;
	if (Number.isInteger(number) && number >= minValue && number <= maxValue) return number;
	const bounds =
		maxValue === Infinity ? `of at least ${minValue}` : `from ${minValue} to ${maxValue}`;
	throw new UserError(
		`The ${what} is not a whole number ${bounds}. Correct it; its default is ${String(defaultValue)}.`,
	);
}
