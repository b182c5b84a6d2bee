import upperFirst from 'lodash/upperFirst';

import type { ReasonMessages } from '../errors/describeFailure';
import { quoteId } from '../errors/text';

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

/** @returns for example `Lock "78e4"` */
export function nameSubject({ one, subject = one }: SharedMessages, id: string): string {
	return `${upperFirst(subject)} ${quoteId(id)}`;
}

/** @returns for example `3 of 10 locks were not renewed` */
export function countFailed(
	{ many, done }: OperationMessages,
	failed: number,
	all: number,
): string {
	return `${failed} of ${all} ${many} were not ${done}`;
}
