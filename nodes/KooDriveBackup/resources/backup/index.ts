import type { Resource } from '../../../shared/execution/operation';
import { backUp } from './backUp';
import { deleteOld } from './deleteOld';
import { restore } from './restore';
import { verify } from './verify';

export const backup: Resource = {
	option: { name: 'Backup', value: 'backup' },
	operations: [backUp, deleteOld, restore, verify],
	defaultOperation: 'backUp',
};
