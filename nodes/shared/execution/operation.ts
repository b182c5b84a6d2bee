import type { INodeExecutionData, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { ReasonMessages } from '../errors/describeFailure';
import type { Failure } from '../errors/failure';
import type { Attempts } from '../http/result';
import type { NodeExecution } from './nodeExecution';
import type { Item } from './item';

/** An item for the next node, without its pairing. */
export type OutputItem = Pick<INodeExecutionData, 'json' | 'binary'>;

/** Why there are no items for the next node. */
export interface FailedItem {
	ok: false;
	failure: Failure;
	/** Missing where nothing was sent. */
	attempts?: Attempts;
	/** The ID of what the item is about, where it names one. */
	id?: string;
}

/** What an operation made of one item: the items for the next node, or why there are none. */
export type ItemResult = { ok: true; items: OutputItem[] } | FailedItem;

/** How an operation names what it works on, and explains what happened to it. */
export interface OperationMessages {
	/** For example `lock`. */
	one: string;
	/** What stands before the ID, where that isn't the ID of the thing itself. */
	subject?: string;
	/** For example `locks`. */
	many: string;
	/** What is done to it, for example `renewed`. */
	done: string;
	/** What to add when KooDrive may have carried out the request although it failed. */
	mayHaveExecuted?: string;
	/** What to do when some items have failed, and others haven't. */
	partialFailure?: string;
	/** What some reasons mean for this operation. */
	reasons: ReasonMessages;
}

/** What operations on one kind of thing say alike. */
export type SharedMessages = Omit<OperationMessages, 'done'>;

/** Everything in which one operation differs from another. */
export interface Operation {
	/** How the editor offers it. */
	option: INodePropertyOptions & { value: string };
	/** Its own fields in the editor; they're shown for this operation alone. */
	fields: INodeProperties[];
	/** Its own entries of Options, in addition to those of all operations. */
	options?: INodeProperties[];
	messages: OperationMessages;
	/**
	 * Whether requests are retried for nine minutes, whatever 'Max Tries' says, because no one waits for the operation
	 * at night.
	 */
	outlastsOutages?: boolean;
	/** The field with the ID of what it works on, which errors name. */
	idField?: string;
	/**
	 * Works on one item.
	 *
	 * @throws UserError when a parameter isn't valid
	 * @throws RequestFailedError when a request failed for good
	 */
	execute?: (item: Item, execution: NodeExecution) => Promise<ItemResult>;
	/** Works on all items together, in place of `execute`; it throws likewise. */
	executeAll?: (items: Item[], execution: NodeExecution) => Promise<ItemResult>;
}

/** Operations on one kind of thing. */
export interface Resource {
	/** How the editor offers it; missing where the node has no other. */
	option?: INodePropertyOptions & { value: string };
	/** In the order in which the editor offers them: by name. */
	operations: readonly Operation[];
	/** The operation of a new node. */
	defaultOperation: string;
}
