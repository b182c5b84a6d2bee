import type { Operation } from '../../shared/run/operation';
import { complete } from './complete';
import { create } from './create';
import { deleteRecord } from './delete';
import { get } from './get';
import { getFiles } from './getFiles';
import { getMany } from './getMany';

/** The operations of the node, in the order in which the panel offers them: by name. */
export const operations: readonly Operation[] = [
	complete,
	create,
	deleteRecord,
	get,
	getMany,
	getFiles,
];
