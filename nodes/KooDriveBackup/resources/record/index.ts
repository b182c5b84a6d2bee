import type { Resource } from '../../../shared/execution/operation';
import { complete } from './complete';
import { create } from './create';
import { deleteRecord } from './delete';
import { get } from './get';
import { getAll } from './getAll';

export const record: Resource = {
	option: { name: 'Record', value: 'record' },
	operations: [complete, create, deleteRecord, get, getAll],
	defaultOperation: 'getAll',
};
