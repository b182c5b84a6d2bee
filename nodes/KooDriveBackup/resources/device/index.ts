import type { Resource } from '../../../shared/execution/operation';
import { bind } from './bind';
import { getAll } from './getAll';
import { unbind } from './unbind';

export const device: Resource = {
	option: { name: 'Device', value: 'device' },
	operations: [bind, getAll, unbind],
	defaultOperation: 'getAll',
};
