import type { Resource } from '../../shared/execution/operation';
import { backUp } from './backup/backUp';
import { deleteOld } from './backup/deleteOld';
import { restore } from './backup/restore';
import { verify } from './backup/verify';
import { bind } from './device/bind';
import { getAll as getDevices } from './device/getAll';
import { unbind } from './device/unbind';
import { download } from './file/download';
import { getAll as getFiles } from './file/getAll';
import { upload } from './file/upload';
import { complete } from './record/complete';
import { create } from './record/create';
import { deleteRecord } from './record/delete';
import { get } from './record/get';
import { getAll as getRecords } from './record/getAll';

/** The resources of the node; the first is that of a new node. The editor offers their operations in this order. */
export const resources: readonly Resource[] = [
	{
		option: { name: 'Backup', value: 'backup' },
		operations: [backUp, deleteOld, restore, verify],
		defaultOperation: 'backUp',
	},
	{
		option: { name: 'Record', value: 'record' },
		operations: [complete, create, deleteRecord, get, getRecords],
		defaultOperation: 'getAll',
	},
	{
		option: { name: 'File', value: 'file' },
		operations: [download, getFiles, upload],
		defaultOperation: 'upload',
	},
	{
		option: { name: 'Device', value: 'device' },
		operations: [bind, getDevices, unbind],
		defaultOperation: 'getAll',
	},
];
