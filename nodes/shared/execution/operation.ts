import type { INodePropertyOptions } from 'n8n-workflow';

import type { Fields, Values } from './fields';
import type { Item, NodeExecution, OutputItem } from './nodeExecution';
import type { OperationMessages } from './messages';

/** Everything in which one operation differs from another, but for what it does. */
export interface OperationDescription<Main extends Fields, Options extends Fields> {
	/** How the editor offers it. */
	option: INodePropertyOptions & { value: string };
	/** They're shown for this operation alone. */
	fields: Main;
	/** Its own entries of Options, in addition to those of all operations. */
	options?: Options;
	messages: OperationMessages;
	/**
	 * Whether requests are retried for nine minutes, whatever 'Max Tries' says, because no one waits for the operation
	 * at night.
	 */
	outlastsOutages?: boolean;
	/** The field with the ID of what it works on, which errors name. */
	idField?: string;
	/** Whether it takes or returns files, which the tool of an AI agent can't. */
	isForFiles?: boolean;
}

/** Works on one item, or on all of them together; throws UserError or RequestFailedError. */
export type Execute<Given> = (given: Given, execution: NodeExecution) => Promise<OutputItem[]>;

export type Operation = OperationDescription<Fields, Fields> &
	(
		| { execute: Execute<Item>; executeAll?: undefined }
		| { execute?: undefined; executeAll: Execute<Item[]> }
	);

/** Defines an operation that works on each item. */
export function defineOperation<Main extends Fields, Options extends Fields = Record<never, never>>(
	operation: OperationDescription<Main, Options> & {
		execute: Execute<Item<Values<Main & Options>>>;
	},
): Operation {
	return operation as unknown as Operation;
}

/** Defines an operation that works on all items together. */
export function defineJointOperation<
	Main extends Fields,
	Options extends Fields = Record<never, never>,
>(
	operation: OperationDescription<Main, Options> & {
		executeAll: Execute<Array<Item<Values<Main & Options>>>>;
	},
): Operation {
	return operation as unknown as Operation;
}

/** Operations on one kind of thing. */
export interface Resource {
	/** How the editor offers it. */
	option: INodePropertyOptions & { value: string };
	/** In the order in which the editor offers them: by name. */
	operations: readonly Operation[];
	/** The operation of a new node. */
	defaultOperation: string;
}
