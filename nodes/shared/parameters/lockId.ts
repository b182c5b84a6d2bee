import type { INodeProperties } from 'n8n-workflow';

import { headerValue } from '../../../credentials/wire/headerValue';
import type { Failure } from '../failures/failure';
import type { Background, Item } from '../run/operation';

const WHERE_TO_FIX =
	'Enter the ID of the lock, or an expression for it such as {{ $json.lockId }}, and check that the step before hands it over.';

/** Renew and Keep Alive hand on KooDrive's answer alone, which names no lock. n8n names a step by its action. */
const FROM_ITS_STEP =
	"From an earlier step: choose Expression and enter {{ $('Create a backup lock').item.json.lockId }}, with the name of the step that created the lock";

/**
 * Makes the Lock ID field of an operation's panel.
 *
 * @param description what the field is for
 * @returns the field
 */
export function lockIdField(description: string): INodeProperties {
	return {
		displayName: 'Lock ID',
		name: 'lockId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 78e41c7e-db02-4d55-85b3-8153e4fefd2e@102',
		description,
		hint: FROM_ITS_STEP,
	};
}

/**
 * Reads the Lock ID of an item. Its form is not promised, so anything that can stand in a header passes.
 *
 * @param item the item
 * @returns the lock's ID
 * @throws UserError when it is not text, is empty or holds a character outside visible ASCII
 * Source: KooDrive API Reference, "Backup Lock Renewal", request header `x-backup-lock-id`.
 */
export function lockId(item: Item): string {
	return headerValue(item.parameter('lockId'), 'Lock ID', WHERE_TO_FIX);
}

/**
 * Makes the header that names the lock under which a request is carried out.
 *
 * @param item the item
 * @returns the header
 * @throws UserError when the Lock ID cannot be sent
 * Source: KooDrive API Reference, "Backup Lock Renewal", request header `x-backup-lock-id`.
 */
export function lockHeader(item: Item): Record<string, string> {
	return { 'x-backup-lock-id': lockId(item) };
}

/**
 * Finds out whether a lock was lost while it was kept alive: then nothing can be done under it any more.
 *
 * @param item the item that names the lock
 * @param background what is done for the item until the execution ends
 * @returns why and when it was lost, or `undefined`
 * @throws UserError when the Lock ID cannot be sent
 */
export function notLost(item: Item, background: Background): Failure | undefined {
	return background.lossOf(lockId(item));
}
