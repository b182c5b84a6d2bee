import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { Parameter } from './operation';

/** The Options of the node, common to all operations. */
export const optionsField: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Include Lock Details',
			name: 'includeLockDetails',
			type: 'boolean',
			default: false,
			description:
				"Whether to add the lock's ID and, by KooDrive's clock, when it was renewed or created and when it expires",
			displayOptions: { hide: { '/operation': ['release'] } },
		},
		{
			displayName: 'Max Concurrency',
			name: 'maxConcurrency',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
			default: 50,
			description: 'How many locks are worked on at the same time, when there are many (1 to 1000)',
		},
		{
			displayName: 'Max Tries',
			name: 'maxTries',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
			default: 4,
			description:
				'How often one request is sent at the most, when waiting may cure what went wrong (1 to 10)',
		},
		{
			displayName: 'Timeout',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 10000,
			description:
				'How long KooDrive may take to answer one try, in milliseconds. All tries of one lock together end within 60 seconds.',
		},
	],
};

/** What the Options of one item ask for. */
export interface Settings {
	includeLockDetails: boolean;
	maxTries: number;
	/** Milliseconds for each try. */
	timeout: number;
}

/**
 * Reads the Options of an item.
 *
 * @param parameter reads one parameter of the item
 * @returns what they ask for
 * @throws UserError when a number is out of its bounds
 */
export function readSettings(parameter: Parameter): Settings {
	return {
		includeLockDetails: parameter('options.includeLockDetails') === true,
		maxTries: wholeNumber(parameter('options.maxTries') ?? 4, 'Max Tries', 10),
		timeout: wholeNumber(parameter('options.timeout') ?? 10_000, 'Timeout', 3_600_000),
	};
}

/**
 * Reads how many items may be worked on at once: one number for the whole run.
 *
 * @param parameter reads one parameter of the first item
 * @returns the number
 * @throws UserError when it is out of its bounds
 */
export function readMaxConcurrency(parameter: Parameter): number {
	return wholeNumber(parameter('options.maxConcurrency') ?? 50, 'Max Concurrency', 1000);
}

function wholeNumber(value: unknown, name: string, highest: number): number {
	const number = Number(value);
	if (Number.isInteger(number) && number >= 1 && number <= highest) return number;
	throw new UserError(
		`The option ${name} is not a whole number from 1 to ${highest}. Correct it, or remove the option to use its default.`,
	);
}
