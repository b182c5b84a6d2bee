import type { INodeExecutionData } from 'n8n-workflow';

import type { KooDriveClient } from '../http/client';
import type { Place } from '../http/limiter';
import type { RequestOptions } from '../http/retry';

/** An input item that is being worked on. */
export interface Item<ItemValues = Record<string, unknown>> {
	/** Where it is among the input items. */
	index: number;
	/** What its fields and options read. */
	values: ItemValues;
	client: KooDriveClient;
	/** The options of its requests. */
	policy: Pick<RequestOptions, 'timeout' | 'maxAttempts'>;
	/** Its place under Max Concurrency. */
	place: Place;
}

/** An item for the next node, without its pairing. */
export type OutputItem = Pick<INodeExecutionData, 'json' | 'binary'>;
