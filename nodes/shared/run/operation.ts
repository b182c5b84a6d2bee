import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Failure } from '../failures/failure';
import type { ReasonWords } from '../failures/words';
import type { CallOutcome, Tries } from '../retry/retry';
import type { KooDriveRequest } from '../transport/request';

/** An input item, as an operation sees it. */
export interface Item {
	/** Reads one of its parameters; `null` where it has none. */
	parameter: (name: string) => unknown;
}

/** Sends a request, with all its retries; it never throws. */
export type Call = (request: KooDriveRequest) => Promise<CallOutcome>;

/** How something is kept alive in the background. */
export interface KeepAlive {
	/** What renews it. */
	renewal: KooDriveRequest;
	/** What gives it back when the execution ends, if that is wanted. */
	release?: KooDriveRequest;
	/** Milliseconds from the sending of one renewal to the next. */
	renewEvery: number;
	/** Milliseconds after which it is kept alive no longer, whatever the execution does. */
	stopAfter: number;
}

/** What an operation can have done in the background for an item, until the execution ends. */
export interface Background {
	/** Throws a UserError where this n8n does not tell when an execution ends, so that nothing may be kept alive. */
	check: () => void;
	/** Keeps something alive from now on; `sentAt` is when it was last renewed, by the monotonic clock, in milliseconds. */
	keep: (id: string, how: KeepAlive, sentAt: number) => void;
	/** Takes note of a renewal of something that may be kept alive. */
	renewed: (id: string, sentAt: number) => void;
	/** Tells why, and when, something was lost while it was kept alive; `undefined` where it was not. */
	lossOf: (id: string) => Failure | undefined;
	/** Keeps something alive no longer; then no renewal is in flight. Tells of a loss as `lossOf` does. */
	end: (id: string) => Promise<Failure | undefined>;
}

/** What an operation made of one item: the items that the next step receives, or why there are none. */
export type OperationResult =
	| { ok: true; json: IDataObject[] }
	| { ok: false; failure: Failure; tries?: Tries };

/** How an operation speaks of what it works on. */
export interface OperationWords {
	/** For example `lock`. */
	one: string;
	/** For example `locks`. */
	many: string;
	/** What is done to it, for example `renewed`. */
	done: string;
	/** What else to say when KooDrive may have done it all the same. */
	unclear?: string;
	/** What some reasons mean for it in particular. */
	reasons: ReasonWords;
}

/** Everything that makes one operation differ from another. */
export interface Operation {
	/** How the panel offers it. */
	option: INodePropertyOptions & { value: string };
	/** Its own fields in the panel; that they show for this operation alone follows by itself. */
	fields: INodeProperties[];
	/** The entries of the node's Options that it heeds, beside those that all operations heed. */
	options?: INodeProperties[];
	words: OperationWords;
	/** The field that holds the ID of what it works on, which errors name. */
	subject?: string;
	/**
	 * Works on one item.
	 *
	 * @param item the item
	 * @param call sends a request, with all its retries
	 * @param background what can be done for the item until the execution ends
	 * @returns what came of it
	 * @throws UserError when a parameter cannot be sent
	 */
	run: (item: Item, call: Call, background: Background) => Promise<OperationResult>;
}
