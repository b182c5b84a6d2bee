import type { INodeProperties } from 'n8n-workflow';

import { headerValue } from '../../credentials/wire/headerValue';
import type { Parameter } from '../shared/run/operation';

const WHERE_TO_FIX =
	'Enter the ID of the lock, or an expression for it such as {{ $json.lockId }}, and check that the step before hands it over.';

/**
 * Makes the Lock ID field of an operation's panel.
 *
 * @param operation the operation that shows it
 * @param description what the field is for
 * @returns the field
 */
export function lockIdField(operation: string, description: string): INodeProperties {
	return {
		displayName: 'Lock ID',
		name: 'lockId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 78e41c7e-db02-4d55-85b3-8153e4fefd2e@102',
		description,
		displayOptions: { show: { operation: [operation] } },
	};
}

/**
 * Reads the Lock ID of an item. Its form is not promised, so anything that can stand in a header passes.
 *
 * @param parameter reads one parameter of the item
 * @returns the lock's ID
 * @throws UserError when it is not text, is empty or holds a character outside visible ASCII
 * Source: KooDrive API Reference, "Backup Lock Renewal", request header `x-backup-lock-id`.
 */
export function lockId(parameter: Parameter): string {
	return headerValue(parameter('lockId'), 'Lock ID', WHERE_TO_FIX);
}
