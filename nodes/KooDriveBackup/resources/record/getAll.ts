import type { INodeProperties } from 'n8n-workflow';

import type { Pair } from '../../../../credentials/wire';
import { createModuleCodeField, readModuleCode } from '../../../shared/descriptions/moduleCode';
import type { Operation } from '../../../shared/execution/operation';
import { pagedRequest } from '../../../shared/execution/pagedRequest';
import type { KooDriveRequest } from '../../../shared/http/request';
import { createDeviceField, readOptionalDeviceId } from '../../descriptions/deviceId';
import { limitFields, readLimit } from '../../descriptions/limit';
import { RECORDS_PATH } from '../../descriptions/recordId';
import { listMessages } from './messages';
import { toRecord } from './record';

const filtersField: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [createDeviceField('Return only the records of this device', false)],
};

/** Lists records. Source: KooDrive API Reference, "Listing Backup Records". */
export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many backup records',
		description: 'List the backups of one type, of all devices or of one device',
	},
	fields: [
		createModuleCodeField(
			'The type of the backups: 100 (folder), 101 (album), or 102 (address book)',
		),
		...limitFields,
		filtersField,
	],
	messages: { ...listMessages, done: 'read' },
	execute: pagedRequest({
		read: (item) => {
			const moduleCode = readModuleCode(item);
			const deviceId = readOptionalDeviceId(item, 'filters.deviceId');
			return { request: toListRequest(moduleCode, deviceId), limit: readLimit(item) };
		},
		toOutput: toRecord,
	}),
};

/** @returns the request for a list of records, without the page's parameters */
export function toListRequest(moduleCode: string, deviceId: string | undefined): KooDriveRequest {
	const ofDevice: Pair[] = deviceId === undefined ? [] : [['deviceId', deviceId]];
	const query: Pair[] = [['moduleCode', moduleCode], ...ofDevice];
	return { method: 'GET', path: RECORDS_PATH, query, idempotent: true };
}
