import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { longTimeout, requestOptions } from './commonFields';
import type { Fields } from './fields';
import type { Operation, Resource } from './operation';

type Show = NonNullable<IDisplayOptions['show']>;

/**
 * Makes the properties of a node from its resources: the Resource field, hidden where there is one, the Operation
 * fields, and the fields and Options of each operation.
 *
 * @param resources the first is that of a new node; the editor offers them by name
 */
export function createNodeProperties(resources: readonly Resource[]): INodeProperties[] {
	return [...createResourceField(resources), ...resources.flatMap(createResourceProperties)];
}

function createResourceField(resources: readonly Resource[]): INodeProperties[] {
	const options = resources.map(({ option }) => option);
	const first = options[0]?.value;
	// n8n names a node, and describes an AI agent's tool, by its operation only if there is a resource; the nodes panel
	// lists the actions of its options.
	if (options.length === 1) {
		return [{ displayName: 'Resource', name: 'resource', type: 'hidden', options, default: first }];
	}
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: [...options].sort((one, other) => one.name.localeCompare(other.name, 'en')),
			default: first,
		},
	];
}

function createResourceProperties({
	option: resource,
	operations,
	defaultOperation,
}: Resource): INodeProperties[] {
	const ofResource: Show = { resource: [resource.value] };
	return [
		showFor(ofResource, {
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: operations.map(toOption),
			default: defaultOperation,
		}),
		...operations.flatMap((operation) =>
			[...toProperties(operation.fields), createOptionsField(operation)].map((field) =>
				showFor({ ...ofResource, operation: [operation.option.value] }, field),
			),
		),
	];
}

/** An AI agent can neither pass nor get files. Before n8n 2.41 or so the option is offered, and fails. */
function toOption({ option, isForFiles = false }: Operation): Operation['option'] {
	return isForFiles ? { ...option, displayOptions: { hide: { '@tool': [true] } } } : option;
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
	const { displayOptions } = field;
	return {
		...field,
		displayOptions: { ...displayOptions, show: { ...displayOptions?.show, ...show } },
	};
}
