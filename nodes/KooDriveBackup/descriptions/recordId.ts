import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { readId } from '../../shared/descriptions/readId';

const WHERE_TO_FIX =
	'Select a record from the list, or enter its ID as text or as an expression such as {{ $json.recordId }}.';

/** The path of KooDrive's backup records. Source: KooDrive API Reference, "Listing Backup Records". */
export const RECORDS_PATH = '/koodrive/ose/v1/backup/record';

/** The Record field. */
export function createRecordField(description: string): INodeProperties {
	return {
		displayName: 'Record',
		name: 'recordId',
		type: 'resourceLocator',
		required: true,
		default: { mode: 'list', value: '' },
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a backup record...',
				typeOptions: { searchListMethod: 'searchRecords', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 1842862763295184641',
			},
		],
	};
}

/** @throws UserError when it isn't text, is empty, or can't be an ID */
export function readRecordId(item: ItemParameters): string {
	return readId(item.getParameter('recordId'), 'Record', WHERE_TO_FIX);
}
