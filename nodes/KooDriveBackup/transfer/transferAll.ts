import groupBy from 'lodash/groupBy';
import sumBy from 'lodash/sumBy';

import { explainFailure } from '../../shared/errors/describeFailure';
import type { ReasonMessages } from '../../shared/errors/describeFailure';
import type { Failure } from '../../shared/errors/failure';
import { RequestFailedError } from '../../shared/errors/failure';
import { getMessage, quoteId } from '../../shared/errors/text';
import { countFiles, formatBytes, formatDuration, formatRate } from '../../shared/records/format';
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
	/** @returns bytes, for the progress; `undefined` where that isn't known */
	getSize: (file: File) => number | undefined | Promise<number | undefined>;
	/** For example `uploaded`. */
	done: string;
	messages: ReasonMessages;
	/** Whether the others are transferred although one has failed. */
	looksAtAll?: boolean;
}

interface FailedFile<File> {
	file: File;
	failure: Failure;
}

/**
 * Transfers files, some at the same time. If one fails, the others are stopped, because the whole would be incomplete
 * without it, unless all are to be looked at.
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
	const progress = new Progress(transfer, files.length, how.done);
	void countSizes(files, how.getSize).then((total) => (progress.total = total));
	void progress.log(stop.signal);
	const { limiter, parallelTransfers } = transfer.shared;
	const waiting = files.entries();
	const transferOne = async (file: File, index: number): Promise<void> => {
		const ofFile = transfer.fork(stop.signal);
		progress.active.add(ofFile);
		try {
			const result = await limiter.run(Infinity, undefined, async () => {
				ofFile.requireActive();
				return await how.run(file, ofFile);
			});
			results[index] = result;
			progress.files++;
			progress.bytes += (await how.getSize(file)) ?? ofFile.moved;
		} catch (error) {
			const failure = toFailure(error);
			// Those that were stopped with the first one didn't fail by themselves.
			if (failures.length === 0 || failure.reason !== 'canceled') failures.push({ file, failure });
			if (how.looksAtAll !== true) stop.abort();
		} finally {
			progress.active.delete(ofFile);
			progress.moved += ofFile.moved;
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
	{
		getName,
		done,
		messages,
	}: Pick<TransferOfFiles<File, unknown>, 'getName' | 'done' | 'messages'>,
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

/** @returns bytes; `undefined` where a size isn't known */
async function countSizes<File>(
	files: readonly File[],
	getSize: TransferOfFiles<File, unknown>['getSize'],
): Promise<number | undefined> {
	let total = 0;
	for (const file of files) {
		const size = await Promise.resolve(getSize(file)).catch(() => undefined);
		if (size === undefined) return undefined;
		total += size;
	}
	return total;
}

/** n8n shows no progress of a node, so a long transfer says in the log how far it is. */
class Progress {
	files = 0;

	/** Of the files that are done. */
	bytes = 0;

	/** Transferred for files that aren't active: without what was stored already. */
	moved = 0;

	total: number | undefined;

	readonly active = new Set<Transfer>();

	private readonly begunAt: number;

	constructor(
		private readonly transfer: Transfer,
		private readonly count: number,
		private readonly done: string,
	) {
		this.begunAt = transfer.clock.monotonic();
	}

	/** Logs a line each minute, until the signal fires. */
	async log(stopSignal: AbortSignal): Promise<void> {
		const { clock, context } = this.transfer;
		for (;;) {
			try {
				await clock.sleep(PROGRESS_PERIOD, stopSignal);
			} catch {
				return;
			}
			context.logger.info(`Execution ${context.getExecutionId()}: ${this.describe()}`);
		}
	}

	private describe(): string {
		const moving = sumBy([...this.active], 'moved');
		const bytes = this.bytes + moving;
		const seconds = (this.transfer.clock.monotonic() - this.begunAt) / 1000;
		const files = `${this.files.toLocaleString('en-US')} of ${countFiles(this.count)}`;
		const sizes = [formatBytes(bytes), this.total !== undefined && formatBytes(this.total)];
		const size = sizes.filter(Boolean).join(' of ');
		const rate = formatRate(this.moved + moving, seconds);
		const line = `${files} (${size}) have been ${this.done}, at ${rate}`;
		if (this.total === undefined || bytes === 0) return line;
		const left = Math.max(0, (this.total - bytes) * (seconds / bytes));
		return `${line}, ${formatDuration(left)} left`;
	}
}
