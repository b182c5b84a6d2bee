import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { MODULE_CODES } from '../api/locks';
import { tryParseJson } from '../http/json';
import type { Field } from './fields';
import { booleanField, headerField, idField, numberField, showFor, textField } from './fields';

/** The ID of a lock. Its format isn't promised, so anything that can be sent in a header is accepted. */
export function lockIdField(description: string): Field<string> {
	return headerField(
		{
			displayName: 'Lock ID',
			name: 'lockId',
			type: 'string',
			required: true,
			default: '',
			// The end of a whole ID would be cut off.
			placeholder: 'e.g. 78e41c7e-…-8153e4fefd2e@102',
			description,
			// Most nodes don't pass the ID on. n8n names a node by its action.
			hint: "To use an earlier node's ID, select Expression and enter {{ $('Create backup lock').first().json.lockId }} with its name",
		},
		'Enter the ID of the lock, or an expression such as {{ $json.lockId }}, and check that the previous node returns it.',
	);
}

/** @param what the codes are of, for example `The type of the backup` */
export function moduleCodeField(what: string, more = ''): Field<string> {
	return {
		property: {
			displayName: 'Backup Type',
			name: 'moduleCode',
			type: 'options',
			options: [
				{ name: 'Address Book Backup', value: '102' },
				{ name: 'Album Backup', value: '101' },
				{ name: 'Folder Backup', value: '100' },
			],
			required: true,
			default: '100',
			description: `${what}: 100 (folder), 101 (album), or 102 (address book)${more}`,
		},
		read(value) {
			const code = String(value);
			if (MODULE_CODES.includes(code)) return code;
			throw new UserError(
				"'Backup Type' must be 100 (folder backup), 101 (album backup), or 102 (address book backup).",
			);
		},
	};
}

/** An ID that the user selects from a list, or enters. */
function createLocator(
	displayName: string,
	name: string,
	method: string,
	placeholders: { list: string; id: string },
	description: string,
): INodeProperties {
	return {
		displayName,
		name,
		type: 'resourceLocator',
		required: true,
		default: { mode: 'list', value: '' },
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: placeholders.list,
				typeOptions: { searchListMethod: method, searchable: true },
			},
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: placeholders.id },
		],
	};
}

const SELECT_DEVICE =
	"Select a device from the list, or enter its ID as text or as an expression such as {{ $json.deviceId }}. To use this n8n as a device, run 'Bind' of the resource 'Device' once.";

/** Source: KooDrive API Reference, "Creating a Backup Record". */
export function deviceField(description: string): Field<string> {
	return textField(createDeviceLocator(description), SELECT_DEVICE);
}

/** A device whose ID becomes part of a path. */
export function devicePathField(description: string): Field<string> {
	return idField(createDeviceLocator(description), SELECT_DEVICE);
}

function createDeviceLocator(description: string): INodeProperties {
	const placeholders = { list: 'Select a device...', id: 'e.g. 1842862763295184000' };
	return createLocator('Device', 'deviceId', 'searchDevices', placeholders, description);
}

export function recordField(description: string, method = 'searchRecords'): Field<string> {
	const placeholders = { list: 'Select a backup record...', id: 'e.g. 1842862763295184641' };
	return idField(
		createLocator('Record', 'recordId', method, placeholders, description),
		'Select a record from the list, or enter its ID as text or as an expression such as {{ $json.recordId }}.',
	);
}

/** The fields that bound a list: without a limit, all entries are wanted. */
export const limitFields = {
	returnAll: booleanField({
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	}),
	limit: showFor(
		'returnAll',
		false,
		numberField({
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1, numberPrecision: 0 },
			default: 50,
			description: 'Max number of results to return',
		}),
	),
};

/**
 * Custom data of the user's, stored with a record as text. It's sent as it was entered: parsing and writing it again
 * could change a number.
 *
 * Source: KooDrive API Reference, "Creating a Backup Record", body field `properties`.
 */
export const propertiesField: Field<string | undefined> = {
	property: {
		displayName: 'Properties (JSON)',
		name: 'properties',
		type: 'json',
		default: '',
		placeholder: 'e.g. { "source": "nightly" }',
		description: 'Custom data to store with the record, as JSON',
	},
	read(value) {
		const entered = value ?? '';
		const properties = typeof entered === 'string' ? entered.trim() : JSON.stringify(entered);
		if (properties === '') return undefined;
		if (tryParseJson(properties) !== undefined) return properties;
		throw new UserError(
			'\'Properties (JSON)\' isn\'t valid JSON. Write it as in { "source": "nightly" }, with double quotes, or leave the field empty.',
		);
	},
};

const timeoutProperty: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 3_600_000, numberPrecision: 0 },
	default: 10_000,
	description:
		'Milliseconds to wait for the response to each attempt (1 to 3600000). All attempts of a request together take up to 60 seconds.',
};

/** The entries of Options that operations have in common. */
export const requestOptions = {
	maxConcurrency: numberField({
		displayName: 'Max Concurrency',
		name: 'maxConcurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
		default: 50,
		description: 'Maximum number of items to process at the same time (1 to 1000)',
	}),
	maxTries: numberField({
		displayName: 'Max Tries',
		name: 'maxTries',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
		default: 10,
		description: 'Maximum number of attempts per request after a transient failure (1 to 10)',
	}),
	timeout: numberField(timeoutProperty),
};

/** The timeout of operations that outlast outages. */
export const longTimeout = numberField({
	...timeoutProperty,
	description:
		'Milliseconds to wait for the response to each attempt (1 to 3600000). Requests are retried until nothing has succeeded for 9 minutes.',
});
