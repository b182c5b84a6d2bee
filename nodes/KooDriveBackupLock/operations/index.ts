import type { Resource } from '../../shared/execution/operation';
import { create } from './create';
import { keepAlive } from './keepAlive';
import { release } from './release';
import { renew } from './renew';

/** The operations of the node. */
export const resources: readonly Resource[] = [
	{
		option: { name: 'Lock', value: 'lock' },
		operations: [create, renew, keepAlive, release],
		defaultOperation: 'renew',
	},
];
