import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { readText } from '../../shared/descriptions/readText';

const WHERE_TO_FIX = "Enter the name of a binary field, for example 'data'.";

/** The field with the name of the input's binary field. */
export function createInputField(description: string): INodeProperties {
	return {
		displayName: 'Input Data Field Name',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: 'data',
		placeholder: 'e.g. data',
		description,
		hint: 'The name of the input field containing the binary file data',
	};
}

/** The field with the name of the output's binary field. */
export const outputField: INodeProperties = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the output field to put the binary file data in',
	description: 'The name of the binary field that the file is put into',
};

/** @throws UserError when it isn't text, or empty */
export function readInputField(item: ItemParameters): string {
	return readText(item.getParameter('binaryPropertyName'), 'Input Data Field Name', WHERE_TO_FIX);
}

/** @throws UserError when it isn't text, or empty */
export function readOutputField(item: ItemParameters): string {
	return readText(
		item.getParameter('binaryPropertyName'),
		'Put Output File in Field',
		WHERE_TO_FIX,
	);
}
