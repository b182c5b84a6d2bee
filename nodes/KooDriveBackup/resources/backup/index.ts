import type { Resource } from '../../../shared/execution/operation';
import { backUp } from './backUp';
import { deleteOld } from './deleteOld';
import { restore } from './restore';

export const backup: Resource = {
	option: { name: 'Backup', value: 'backup' },
	operations: [backUp, deleteOld, restore],
	defaultOperation: 'backUp',
};
