import type { Pair } from '../../../credentials/wire/query';
import { moduleCode, moduleCodeField } from '../../shared/parameters/moduleCode';
import type { Operation } from '../../shared/run/operation';
import { pagedCall } from '../../shared/run/pagedCall';
import { deviceIdFilter, deviceIdFilterField } from '../fields/deviceId';
import { limit, limitFields } from '../fields/limit';
import { RECORDS_PATH } from '../fields/recordId';
import { toRecord } from '../record';
import { listWords } from '../words';

/** Lists records. Source: KooDrive API Reference, "Listing Backup Records". */
export const getMany: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many backup records',
		description: 'List the backups of one kind, of all devices or of one',
	},
	fields: [moduleCodeField('What was backed up'), ...limitFields, deviceIdFilterField],
	words: { ...listWords, done: 'read' },
	run: pagedCall({
		toRequest: (item) => {
			const deviceId = deviceIdFilter(item);
			const ofDevice: Pair[] = deviceId === undefined ? [] : [['deviceId', deviceId]];
			return {
				method: 'GET',
				path: RECORDS_PATH,
				query: [['moduleCode', moduleCode(item)], ...ofDevice],
				idempotent: true,
			};
		},
		toLimit: limit,
		toOutput: toRecord,
	}),
};
