import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { uriEncode } from '../../../credentials/wire/query';
import type { Item } from '../../shared/run/operation';
import { text } from '../../shared/parameters/text';

const WHERE_TO_FIX =
	'Enter the ID of the record as text, or an expression for it such as {{ $json.recordId }}.';

/** A blank, a control character, or what would lead out of the record's own path. */
const NO_ID = /[\s\p{Cc}\p{Cs}/\\]|^\.{1,2}$/u;

/**
 * Makes the Record ID field of an operation's panel.
 *
 * @param description what the field is for
 * @returns the field
 */
export function recordIdField(description: string): INodeProperties {
	return {
		displayName: 'Record ID',
		name: 'recordId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 1842862763295184641',
		description,
	};
}

/**
 * Makes the path of the record that an item names. Its ID can never lead out of it.
 *
 * @param item the item
 * @returns the path below the endpoint, percent-encoded
 * @throws UserError when the Record ID is not text, is empty or cannot be an ID
 * Source: KooDrive API Reference, "Viewing Backup Records"; RFC 3986, section 3.3 (Path).
 */
export function recordPath(item: Item): string {
	const id = text(item.parameter('recordId'), 'Record ID', WHERE_TO_FIX);
	if (!NO_ID.test(id)) return `${RECORDS_PATH}/${uriEncode(id)}`;
	throw new UserError(
		`The Record ID holds a blank, a slash or something else that no ID has. ${WHERE_TO_FIX}`,
	);
}

/** Where KooDrive keeps its backup records. Source: KooDrive API Reference, "Listing Backup Records". */
export const RECORDS_PATH = '/koodrive/ose/v1/backup/record';
