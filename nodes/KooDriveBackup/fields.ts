import {
	booleanField,
	collectionField,
	idField,
	numberField,
	optional,
	textField,
} from '../shared/execution/fields';
import type { Field } from '../shared/execution/fields';
import { DEFAULT_PARALLEL_TRANSFERS } from './transfer/transfer';
import { propertiesField } from '../shared/execution/commonFields';

const NAME_A_FIELD = "Enter the name of a binary field, for example 'data'.";

/** The name of the input's binary field. */
export function inputField(
	description: string,
	{ default: name, hint }: { default: string; hint: string },
): Field<string> {
	return textField(
		{
			displayName: 'Input Data Field Name',
			name: 'binaryPropertyName',
			type: 'string',
			required: true,
			default: name,
			placeholder: `e.g. ${name}`,
			description,
			hint,
		},
		NAME_A_FIELD,
	);
}

/** The name of the output's binary field. */
export const outputField = textField(
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the output field to put the binary file data in',
		description: 'The name of the binary field that the file is put into',
	},
	NAME_A_FIELD,
);

export const parallelTransfers = numberField({
	displayName: 'Parallel Transfers',
	name: 'parallelTransfers',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 16, numberPrecision: 0 },
	default: DEFAULT_PARALLEL_TRANSFERS,
	description: 'Maximum number of files to transfer at the same time (1 to 16)',
});

/** Whether KooDrive takes content from its own storage. Source: "Creating File Metadata", response `rapidUpload`. */
export const skipStored = booleanField({
	displayName: 'Skip Stored Content',
	name: 'skipStored',
	type: 'boolean',
	default: true,
	description:
		'Whether to send only content that KooDrive does not store yet. The backup contains the file in either case.',
});

/** The space that files are in: a user with several individual spaces must name one. */
export const spaceId = optional(
	idField(
		{
			displayName: 'Space ID',
			name: 'spaceId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1842862763295184000',
			description:
				'The ID (containerId) of the space with the files, for users with several individual spaces',
		},
		'Enter it as text.',
	),
);

/** Patterns, as entered. */
export function fileNamesField(verb: string): Field<string> {
	return {
		property: {
			displayName: 'File Names',
			name: 'fileNames',
			type: 'string',
			default: '',
			placeholder: 'e.g. *.pdf, photos/2026/*.jpg, !*.tmp',
			description: `The files to ${verb}: names, or the ends of paths, separated by commas. * stands for any characters but /, ? for one; what begins with ! is left out. By default, all files.`,
		},
		read: (value) => String(value ?? ''),
	};
}

/** The Additional Fields of the operations that write a record. */
export const additionalFields = collectionField(
	{ displayName: 'Additional Fields', name: 'additionalFields', placeholder: 'Add Field' },
	{ properties: propertiesField },
);
