import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../shared/run/operation';

/** The entry of the Options that adds to the output what a next step may want to know of the lock. */
export const includeLockDetailsOption: INodeProperties = {
	displayName: 'Include Lock Details',
	name: 'includeLockDetails',
	type: 'boolean',
	default: false,
	description:
		"Whether to add the lock's ID, so that the next step can take lockId from its input, and, by KooDrive's clock, when the lock was renewed or created and when it expires",
};

/**
 * Reads whether the user asked for the lock's details.
 *
 * @param item the item
 * @returns whether Include Lock Details is on
 */
export function includesLockDetails(item: Item): boolean {
	return item.parameter('options.includeLockDetails') === true;
}
