import type { INodeProperties } from 'n8n-workflow';

import { readHeaderValue } from '../../../credentials/input';
import type { ItemParameters } from './itemParameters';

const WHERE_TO_FIX =
	'Enter the ID of the lock, or an expression such as {{ $json.lockId }}, and check that the previous node returns it.';

/** Most nodes don't pass the ID on. n8n names a node by its action. */
const FROM_ITS_NODE =
	"To use the ID from an earlier node, select Expression and enter {{ $('Create backup lock').first().json.lockId }}, with the name of the node that created the lock";

/** The Lock ID field. */
export function createLockIdField(description: string): INodeProperties {
	return {
		displayName: 'Lock ID',
		name: 'lockId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 78e41c7e-db02-4d55-85b3-8153e4fefd2e@102',
		description,
		hint: FROM_ITS_NODE,
	};
}

/**
 * Reads the Lock ID. Its format isn't promised, so anything that can be sent in a header is accepted.
 *
 * @throws UserError when it isn't text, is empty, or contains a character outside visible ASCII
 * Source: KooDrive API Reference, "Backup Lock Renewal", request header `x-backup-lock-id`.
 */
export function readLockId(item: ItemParameters): string {
	return readHeaderValue(item.getParameter('lockId'), 'Lock ID', WHERE_TO_FIX);
}

/** @returns the header that names the lock under which a request is carried out */
export function toLockHeader(lockId: string): Record<string, string> {
	return { 'x-backup-lock-id': lockId };
}
