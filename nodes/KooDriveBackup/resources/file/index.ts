import type { Resource } from '../../../shared/execution/operation';
import { download } from './download';
import { getAll } from './getAll';
import { upload } from './upload';

export const file: Resource = {
	option: { name: 'File', value: 'file' },
	operations: [download, getAll, upload],
	defaultOperation: 'upload',
};
