import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../../shared/descriptions/itemParameters';
import { readNumberOption } from '../../shared/descriptions/requestOptions';
import { DEFAULT_PARALLEL_TRANSFERS } from '../transfer/sharedTransfers';

export const parallelTransfersOption: INodeProperties = {
	displayName: 'Parallel Transfers',
	name: 'parallelTransfers',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 16, numberPrecision: 0 },
	default: DEFAULT_PARALLEL_TRANSFERS,
	description: 'Maximum number of files to transfer at the same time (1 to 16)',
};

/** @throws UserError when it's out of its bounds */
export function readParallelTransfers(item: ItemParameters): number {
	return readNumberOption(item, parallelTransfersOption);
}
