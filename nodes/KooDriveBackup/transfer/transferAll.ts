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
	const ofFiles = transfer.withSignal(stop.signal);
	const failures: Array<FailedFile<File>> = [];
	const results: Result[] = [];
	const progress = { files: 0, bytes: 0, of: files.length };
	void logProgress(transfer, progress, how.done, stop.signal);
	const transferOne = async (file: File, index: number): Promise<void> => {
		try {
			const result = await transfer.shared.limiter.run(Infinity, undefined, async () => {
				// Those that wait when the transfers are stopped begin, and end immediately.
				ofFiles.requireActive();
				return await how.run(file, ofFiles);
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
	await Promise.all(files.map(transferOne));
	stop.abort();
	transfer.requireActive();
	if (failures.length > 0) throw toError(failures, how);
	return results;
}

function toFailure(error: unknown): Failure {
	if (error instanceof RequestFailedError) return error.failure;
	return { reason: 'invalidInput', detail: getMessage(error) };
}

function toError<File>(
	[first, ...others]: Array<FailedFile<File>>,
	{ getName, done, messages }: Pick<TransferOfFiles<File, never>, 'getName' | 'done' | 'messages'>,
): RequestFailedError {
	const name = ({ file }: FailedFile<File>) => quoteId(getName(file));
	return new RequestFailedError({
		...first!.failure,
		failedStep: `${name(first!)} couldn't be ${done}`,
		notes: others
			.slice(0, MAX_NAMED - 1)
			.map(
				(other) =>
					`${name(other)} couldn't be ${done} either: ${explainFailure(other.failure, messages)}.`,
			),
	});
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
