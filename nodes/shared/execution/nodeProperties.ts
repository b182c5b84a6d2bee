import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { longTimeout, requestOptions } from './commonFields';
import type { Fields } from './fields';
import type { Operation, Resource } from './operation';

type Show = NonNullable<IDisplayOptions['show']>;

/**
 * Makes the properties of a node from its resources: the Resource field where there are several, the Operation
 * fields, and the fields and Options of each operation.
 *
 * @param resources the first is that of a new node; the editor offers them by name
 */
export function createNodeProperties(resources: readonly Resource[]): INodeProperties[] {
	return [...createResourceField(resources), ...resources.flatMap(createResourceProperties)];
}

function createResourceField(resources: readonly Resource[]): INodeProperties[] {
	const options = resources.flatMap(({ option }) => option ?? []);
	if (options.length === 0) return [];
	const firstResource = options[0]?.value;
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: [...options].sort((one, other) => one.name.localeCompare(other.name, 'en')),
			default: firstResource,
		},
	];
}

function createResourceProperties({
	option: resource,
	operations,
	defaultOperation,
}: Resource): INodeProperties[] {
	const ofResource: Show = resource === undefined ? {} : { resource: [resource.value] };
	return [
		showFor(ofResource, {
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(({ option }) => option),
			default: defaultOperation,
		}),
		...operations.flatMap((operation) =>
			[...toProperties(operation.fields), createOptionsField(operation)].map((field) =>
				showFor({ ...ofResource, operation: [operation.option.value] }, field),
			),
		),
	];
}

function createOptionsField({
	options = {},
	executeAll,
	outlastsOutages = false,
}: Operation): INodeProperties {
	const { maxConcurrency, maxTries, timeout } = requestOptions;
	const common = {
		// An operation on all items together doesn't process them side by side.
		...(executeAll === undefined && { maxConcurrency }),
		...(outlastsOutages ? { timeout: longTimeout } : { maxTries, timeout }),
	};
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: toProperties({ ...options, ...common }).sort((one, other) =>
			one.displayName.localeCompare(other.displayName, 'en'),
		),
	};
}

function toProperties(fields: Fields): INodeProperties[] {
	return Object.values(fields).map(({ property }) => property);
}

function showFor(show: Show, field: INodeProperties): INodeProperties {
	if (Object.keys(show).length === 0) return field;
	const { displayOptions } = field;
	return {
		...field,
		displayOptions: { ...displayOptions, show: { ...displayOptions?.show, ...show } },
	};
}
