import type { INodeProperties } from 'n8n-workflow';

import type { Operation } from './operation';
import { commonOptions } from './settings';

/**
 * Makes the panel of a node from what its operations say of themselves.
 *
 * @param operations the node's operations, in the order in which the panel offers them
 * @param chosen the operation that a new node begins with
 * @returns the Operation field, the fields of each operation, and the Options
 */
export function propertiesOf(operations: readonly Operation[], chosen: string): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(({ option }) => option),
			default: chosen,
		},
		...operations.flatMap(({ option, fields }) =>
			fields.map((field) => shownFor([option.value], 'operation', field)),
		),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [...optionsOf(operations), ...commonOptions].sort((one, other) =>
				one.displayName.localeCompare(other.displayName, 'en'),
			),
		},
	];
}

function optionsOf(operations: readonly Operation[]): INodeProperties[] {
	const heedOption = (option: INodeProperties) =>
		operations.filter(({ options = [] }) => options.includes(option));
	return [...new Set(operations.flatMap(({ options = [] }) => options))].map((option) =>
		shownFor(
			heedOption(option).map(({ option: { value } }) => value),
			'/operation',
			option,
		),
	);
}

function shownFor(operations: string[], path: string, field: INodeProperties): INodeProperties {
	const { displayOptions } = field;
	return {
		...field,
		displayOptions: { ...displayOptions, show: { ...displayOptions?.show, [path]: operations } },
	};
}
