import type { IDataObject, INode } from 'n8n-workflow';

import type { Executed } from '../../engine';
import { RECORD_NODE_TYPE } from '../../engine';
import type { KooDrive } from '../setup';

/** Runs an operation of the record's node, on one empty item unless others are given. */
export function recordRunner(drive: KooDrive) {
	return async (
		parameters: IDataObject,
		items: IDataObject[] = [{}],
		settings: Partial<INode> = {},
	): Promise<Executed> =>
		await drive.run(items, parameters, { type: RECORD_NODE_TYPE, ...settings });
}
