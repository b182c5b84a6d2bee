import groupBy from 'lodash/groupBy';

import { explainFailure } from '../../shared/errors/describeFailure';
import type { ReasonMessages } from '../../shared/errors/describeFailure';
import type { Failure } from '../../shared/errors/failure';
import { getMessage } from '../../shared/errors/getMessage';
import { quoteId } from '../../shared/errors/quote';
import { RequestFailedError } from '../../shared/errors/requestFailedError';
import { countFiles, formatBytes } from '../../shared/records/format';
import type { Transfer } from './transfer';

/** An error names at most this many files. */
const MAX_NAMED = 10;

/** Milliseconds between two lines in the log. */
const PROGRESS_PERIOD = 60_000;

/** How files are transferred, and what is said about it. */
interface TransferOfFiles<File, Result> {
	/** Transfers one file; throws RequestFailedError. */
	run: (file: File, transfer: Transfer) => Promise<Result>;
	getName: (file: File) => string;
	/** For example `uploaded`. */
	done: string;
	messages: ReasonMessages;
	/** How many bytes were transferred with a file. */
	getBytes: (file: File, result: Result) => number;
}

interface FailedFile<File> {
	file: File;
	failure: Failure;
}

/**
 * Transfers files, some at the same time. If one fails, the others are stopped, because the whole would be incomplete
 * without it.
 *
 * @returns a result for each file, in order
 * @throws RequestFailedError of the first file that failed; its notes name the others
 */
export async function transferAll<File, Result>(
	transfer: Transfer,
	files: readonly File[],
	how: TransferOfFiles<File, Result>,
): Promise<Result[]> {
	const stop = new AbortController();
	const failures: Array<FailedFile<File>> = [];
	const results: Result[] = [];
	const progress = { files: 0, bytes: 0, of: files.length };
	void logProgress(transfer, progress, how.done, stop.signal);
	const { limiter, parallelTransfers } = transfer.shared;
	const waiting = files.entries();
	const transferOne = async (file: File, index: number): Promise<void> => {
		const ofFile = transfer.fork(stop.signal);
		try {
			const result = await limiter.run(Infinity, undefined, async () => {
				ofFile.requireActive();
				return await how.run(file, ofFile);
			});
			results[index] = result;
			progress.files++;
			progress.bytes += how.getBytes(file, result);
		} catch (error) {
			const failure = toFailure(error);
			// Those that were stopped with the first one didn't fail by themselves.
			if (failures.length === 0 || failure.reason !== 'canceled') failures.push({ file, failure });
			stop.abort();
		}
	};
	const work = async (): Promise<void> => {
		for (const [index, file] of waiting) {
			if (stop.signal.aborted) return;
			await transferOne(file, index);
		}
	};
	await Promise.all(Array.from({ length: Math.min(parallelTransfers, files.length) }, work));
	stop.abort();
	transfer.requireActive();
	if (failures.length > 0) throw toError(failures, how);
	return results;
}

function toFailure(error: unknown): Failure {
	if (error instanceof RequestFailedError) return error.failure;
	return { reason: 'invalidInput', detail: getMessage(error) };
}

/** Files that failed alike are named together. */
function toError<File>(
	failures: Array<FailedFile<File>>,
	{ getName, done, messages }: Pick<TransferOfFiles<File, never>, 'getName' | 'done' | 'messages'>,
): RequestFailedError {
	const [first, ...others] = failures;
	const byCause = groupBy(others, ({ failure }) => explainFailure(failure, messages));
	const notes = Object.entries(byCause).map(([cause, files]) => {
		const names = nameAll(files.map(({ file }) => getName(file)));
		return cause === explainFailure(first!.failure, messages)
			? `The same happened to ${names}.`
			: `${names} couldn't be ${done} either: ${cause}.`;
	});
	const failedStep = `${quoteId(getName(first!.file))} couldn't be ${done}`;
	return new RequestFailedError({ ...first!.failure, failedStep, notes });
}

/** @returns for example `"a", "b", and 7 other files` */
function nameAll(names: string[]): string {
	const named = names.slice(0, MAX_NAMED).map(quoteId);
	const others = names.length - named.length;
	if (others > 0) named.push(others === 1 ? '1 other file' : `${others} other files`);
	return new Intl.ListFormat('en').format(named);
}

/** n8n shows no progress of a node, so a long transfer says in the log how far it is. */
async function logProgress(
	{ execution: { clock, context } }: Transfer,
	progress: Readonly<{ files: number; bytes: number; of: number }>,
	done: string,
	stopSignal: AbortSignal,
): Promise<void> {
	for (;;) {
		try {
			await clock.sleep(PROGRESS_PERIOD, stopSignal);
		} catch {
			return;
		}
		context.logger.info(
			`Execution ${context.getExecutionId()}: ${progress.files} of ${countFiles(progress.of)} (${formatBytes(progress.bytes)}) have been ${done}`,
		);
	}
}
