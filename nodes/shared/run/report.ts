import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../failures/failure';
import { quoteId } from '../failures/quote';
import { reasonOf } from '../failures/reasons';
import type { FailureReport } from '../failures/words';
import { reportFailure } from '../failures/words';
import type { GaveUp, Tries } from '../retry/retry';
import { DEADLINE } from '../retry/retry';
import type { Item, Operation, OperationWords } from './operation';

/** What came of one item. */
export type ItemResult = { ok: true; json: IDataObject[] } | FailedItem;

/** An item that failed, and how its user is told. */
export interface FailedItem {
	ok: false;
	/** The ID of what it is about, by the name of its field. */
	subject?: IDataObject;
	report: FailureReport;
}

const GAVE_UP: Record<GaveUp, string> = {
	maxTries: 'No more tries were left (Max Tries option).',
	deadline: `Another try would have taken longer than the ${DEADLINE / 1000} seconds that one call may take.`,
	outage: `It was not tried again, because nothing had been reached for ${DEADLINE / 1000} seconds.`,
};

/**
 * Puts the failure of an item into words.
 *
 * @param operation what was to be done
 * @param failure why it was not
 * @param id the ID of what it is about, where the item names one
 * @param tries how often it was sent, if it was
 * @returns the failed item
 */
export function failedItem(
	operation: Operation,
	failure: Failure,
	id?: string,
	tries?: Tries,
): FailedItem {
	const { words, subject } = operation;
	const report = reportFailure(failure, notDone(operation, id), words.reasons);
	const mayBeDone = tries?.unclear === true || reasonOf(failure.reason).mayBeDone;
	const description = [
		report.description,
		tries !== undefined && tries.tries > 1 && `It was tried ${tries.tries} times.`,
		tries?.gaveUp !== undefined && GAVE_UP[tries.gaveUp],
		mayBeDone && words.unclear,
	];
	return {
		ok: false,
		subject: subjectFields(subject, id),
		report: { ...report, description: description.filter(Boolean).join(' ') },
	};
}

function notDone({ words }: Operation, id: string | undefined): string {
	return `${id === undefined ? `The ${words.one}` : named(words, id)} was not ${words.done}`;
}

/**
 * Names what an operation works on.
 *
 * @param words how the operation speaks of it
 * @param id its ID
 * @returns for example `Lock "78e4"`
 */
export function named({ one }: OperationWords, id: string): string {
	return `${capitalised(one)} ${quoteId(id)}`;
}

function capitalised(text: string): string {
	return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * Makes the fields by which the next step finds out what a failed item is about.
 *
 * @param subject the field that holds the ID, if the operation has one
 * @param id the ID, if there is one
 * @returns the ID by the name of its field, or `undefined` where there is none
 */
export function subjectFields(
	subject: string | undefined,
	id: string | undefined,
): IDataObject | undefined {
	return subject === undefined || id === undefined ? undefined : { [subject]: id };
}

/**
 * Finds out what an item is about. An expression may fail to evaluate, and an item that failed anyway must not
 * be the one to throw.
 *
 * @param subject the field that holds the ID, if the operation has one
 * @param item the item
 * @returns the ID, or `undefined` where there is none to be read
 */
export function subjectId(subject: string | undefined, item: Item): string | undefined {
	if (subject === undefined) return undefined;
	try {
		const id = item.parameter(subject);
		return typeof id === 'string' ? id.trim() || undefined : undefined;
	} catch {
		return undefined;
	}
}
