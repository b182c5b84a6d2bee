import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { KooDriveRequest } from '../transport/request';
import type { Answer, Failure } from '../transport/result';

/** Reads one parameter of the item at hand. */
export type Parameter = (name: string) => unknown;

/** What an operation may build its output from. */
export interface Success {
	answer: Answer;
	/** The lock that the request named. */
	lockId?: string;
	/** Tells when KooDrive answered, by its clock: milliseconds since the Unix epoch. */
	answeredAt: () => number;
	/** Whether the user asked for the lock's details. */
	includeLockDetails: boolean;
}

/** Everything that makes one operation differ from another. */
export interface Operation {
	/** How the panel offers it. */
	option: INodePropertyOptions & { value: string };
	/** Its own fields in the panel. */
	fields: INodeProperties[];
	/** Says which lock, or locks, an error is about. */
	texts: {
		/** For example `Lock "78e4" was not renewed`. */
		failed: (lockId?: string) => string;
		/** For example `3 of 10 locks were not renewed`. */
		failedOf: (failedCount: number, count: number) => string;
		/** What else to say when KooDrive may have done it all the same. */
		unclear?: string;
	};
	/** Whether it may be sent again when it is unclear whether KooDrive carried it out. */
	repeatable: boolean;
	/**
	 * @returns the request for one item
	 * @throws UserError when a parameter cannot be sent
	 */
	toRequest: (parameter: Parameter) => KooDriveRequest;
	/** @returns the item that the next step receives, or `undefined` where the answer names no lock */
	toOutput: (success: Success) => IDataObject | undefined;
	/**
	 * Whether a refusal, after an earlier try whose outcome is unclear, shows that the earlier one did it.
	 *
	 * @returns the item that the next step receives, or `undefined` where the failure stands
	 */
	doneBefore?: (failure: Failure) => IDataObject | undefined;
}
