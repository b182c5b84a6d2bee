import sumBy from 'lodash/sumBy';
import type { IDataObject } from 'n8n-workflow';

import type { NewRecord } from '../../../shared/api/records';
import {
	completeRecord,
	createRecord,
	deleteRecord,
	getRecord,
	readRecord,
	readStatus,
	RECORD_STATUS,
} from '../../../shared/api/records';
import { quoteId } from '../../../shared/errors/text';
import { getReason } from '../../../shared/errors/reasons';
import { RequestFailedError, settle } from '../../../shared/errors/failure';
import type { NodeExecution, Sender } from '../../../shared/execution/nodeExecution';
import type { KooDriveResponse } from '../../../shared/http/client';
import { letFinish } from '../../../shared/http/clock';
import type { KooDriveRequest } from '../../../shared/http/request';
import { getBackoff } from '../../../shared/http/retry';
import type { HeldLock } from '../../../shared/leases/locks';
import { recordsBeingWritten } from '../../../shared/records/listBackups';
import { addSummary } from '../../../shared/records/summary';
import type { FileToBackUp } from '../../transfer/collectFiles';
import type { SharedTransfers } from '../../transfer/transfer';
import { Transfer } from '../../transfer/transfer';
import { transferAll } from '../../transfer/transferAll';
import type { UploadedFile } from '../../transfer/uploadFile';
import { uploadFile } from '../../transfer/uploadFile';
import { uploadMessages } from '../messages';

/** Milliseconds in which the creation of the record may still finish after a stop, so that it can be deleted. */
const FINISH_CREATION = 5_000;

/** Cleaning up may take this many milliseconds; the lock is released after it. */
const CLEAN_UP_TIMEOUT = 8_000;

/** Milliseconds in which a record that was completed must show it, and after a stop. */
const SHOW_COMPLETION = 540_000;
const SHOW_COMPLETION_AFTER_STOP = 15_000;

const MAY_EXIST =
	"KooDrive may have created an incomplete record: 'Delete Incomplete After' of 'Delete Old' removes it.";

/** One backup under its lock: it ends with a completed record, or with none. */
export class BackupRun {
	private readonly transfer: Transfer;

	private hasSummary = true;

	constructor(
		private readonly execution: NodeExecution,
		private readonly item: Pick<Sender, 'client' | 'policy'>,
		shared: SharedTransfers,
		private readonly lock: HeldLock,
		private readonly newRecord: NewRecord,
	) {
		const { stopSignal, getLoss } = lock;
		this.transfer = new Transfer(execution, item, shared, stopSignal, getLoss);
	}

	/**
	 * @returns the completed record
	 * @throws RequestFailedError when there is none; it names what is left
	 */
	async run(
		files: readonly FileToBackUp[],
		skipStored: boolean,
	): Promise<{ record: IDataObject; uploaded: UploadedFile[]; hasSummary: boolean }> {
		const recordId = await this.createRecord();
		recordsBeingWritten.add(recordId);
		try {
			const uploaded = await settle(this.uploadAll(files, recordId, skipStored));
			if (uploaded instanceof RequestFailedError) throw await this.cleanUp(recordId, uploaded);
			const record = await this.complete(recordId, uploaded);
			const { cancelSignal, context, id } = this.execution;
			// n8n shows an execution that was stopped as canceled, whatever the node returns.
			if (cancelSignal?.aborted)
				context.logger.warn(`Execution ${id}: Record ${recordId} is complete.`);
			return { record, uploaded, hasSummary: this.hasSummary };
		} finally {
			recordsBeingWritten.delete(recordId);
		}
	}

	/** Repeated if its outcome is unknown: a record whose response was lost stays empty and incomplete. */
	private async createRecord(): Promise<string> {
		const { stopSignal, lockId } = this.lock;
		const request = { ...createRecord(lockId, this.newRecord), idempotent: true };
		const create = async (signal: AbortSignal) =>
			await this.transfer.request(request, { signal, stopSignal });
		const { clock } = this.execution;
		const response = await settle(letFinish(stopSignal, FINISH_CREATION, clock, create));
		const failedStep = "the backup record couldn't be created";
		if (response instanceof RequestFailedError) {
			const error = response.with({ failedStep });
			throw mayBeCarriedOut(response) ? this.nameRest(error, MAY_EXIST) : error;
		}
		const record = readRecord(response.body);
		if (record !== undefined) return String(record.recordId);
		const error = new RequestFailedError({ reason: 'responseIncomplete', failedStep });
		throw this.nameRest(error, MAY_EXIST);
	}

	private async uploadAll(
		files: readonly FileToBackUp[],
		recordId: string,
		skipStored: boolean,
	): Promise<UploadedFile[]> {
		const { lockId } = this.lock;
		return await transferAll(this.transfer, files, {
			run: async (file, ofFile) =>
				await uploadFile(ofFile, file.content, { ...file, recordId, lockId, skipStored }),
			getName: ({ fileName }) => fileName,
			done: 'uploaded',
			messages: uploadMessages.reasons,
			getSize: async ({ content }) => await content.getLength(),
		});
	}

	/** Once this was requested, the record may be complete, and isn't deleted unless KooDrive has rejected it. */
	private async complete(
		recordId: string,
		uploaded: readonly UploadedFile[],
	): Promise<IDataObject> {
		const response = await this.requestCompletion(recordId, uploaded);
		if (!(response instanceof RequestFailedError)) {
			const error = new RequestFailedError({
				reason: 'recordNotCompleted',
				detail: `record ${quoteId(recordId)}`,
			});
			return await this.waitForCompletion(recordId, error, `Record ${recordId} wasn't deleted.`);
		}
		const error = response.with({ failedStep: "the backup record couldn't be completed" });
		if (!mayBeCarriedOut(response)) {
			const { clock } = this.execution;
			const read = await this.sendUntil(clock.monotonic() + CLEAN_UP_TIMEOUT, getRecord(recordId));
			const completed = read instanceof RequestFailedError ? undefined : readCompleted(read);
			if (completed !== undefined) return completed;
			throw await this.cleanUp(recordId, error);
		}
		const rest = `It's unknown whether record ${recordId} is complete: check it.`;
		return await this.waitForCompletion(recordId, error, rest);
	}

	/** Whether KooDrive takes the summary isn't documented: where it doesn't, the record is completed without it. */
	private async requestCompletion(
		recordId: string,
		uploaded: readonly UploadedFile[],
	): Promise<KooDriveResponse | RequestFailedError> {
		const { properties } = this.newRecord;
		const { context, id: execution } = this.execution;
		const { id = '', name = '' } = context.getWorkflow();
		const summary = {
			files: uploaded.length,
			bytes: sumBy(uploaded, 'size'),
			workflow: { id, name },
			execution,
		};
		const send = async (text: string | undefined) =>
			await settle(this.transfer.request(completeRecord(recordId, this.lock.lockId, text)));
		const response = await send(addSummary(properties ?? '', recordId, summary));
		const isRejected =
			response instanceof RequestFailedError && response.failure.reason === 'parameterRejected';
		if (!isRejected) return response;
		this.hasSummary = false;
		return await send(properties);
	}

	/** @throws RequestFailedError `error`, when the record doesn't show that it's complete */
	private async waitForCompletion(
		recordId: string,
		error: RequestFailedError,
		rest: string,
	): Promise<IDataObject> {
		const { clock, cancelSignal } = this.execution;
		const record = await letFinish(
			cancelSignal,
			SHOW_COMPLETION_AFTER_STOP,
			clock,
			async (signal) => await this.readUntilComplete(recordId, signal),
		);
		if (record !== undefined) return record;
		throw this.nameRest(error, rest);
	}

	/** @returns `undefined` when the record doesn't show in time that it's complete */
	private async readUntilComplete(
		recordId: string,
		signal: AbortSignal,
	): Promise<IDataObject | undefined> {
		const { clock } = this.execution;
		const { client, policy } = this.item;
		const { timeout } = policy;
		const endsAt = clock.monotonic() + SHOW_COMPLETION;
		for (let reads = 1; ; reads++) {
			const deadline = endsAt - clock.monotonic();
			if (deadline <= 0 || signal.aborted) return undefined;
			const response = await settle(
				client.request(getRecord(recordId), { timeout, deadline, signal }),
			);
			if (response instanceof RequestFailedError) {
				if (!isWorthWaiting(response)) return undefined;
			} else {
				const completed = readCompleted(response);
				if (completed !== undefined) return completed;
			}
			await clock.sleep(getBackoff(reads, clock), signal).catch(() => undefined);
		}
	}

	/**
	 * Deletes the incomplete record.
	 *
	 * @returns the error; it names the record if that is left
	 */
	private async cleanUp(recordId: string, error: RequestFailedError): Promise<RequestFailedError> {
		const endsAt = this.execution.clock.monotonic() + CLEAN_UP_TIMEOUT;
		const deleted = await this.sendUntil(endsAt, deleteRecord(recordId, this.lock.lockId));
		if (!(deleted instanceof RequestFailedError)) return error;
		// A lock that has expired gives the same response as a record that doesn't exist.
		const isGone =
			isNotFound(deleted) && isNotFound(await this.sendUntil(endsAt, getRecord(recordId)));
		if (isGone) return error;
		const rest = `The incomplete record ${recordId} couldn't be deleted: delete it, or use 'Delete Incomplete After' of 'Delete Old'.`;
		return this.nameRest(error, rest);
	}

	/** @param endsAt by the monotonic clock, in milliseconds */
	private async sendUntil(
		endsAt: number,
		request: KooDriveRequest,
	): Promise<KooDriveResponse | RequestFailedError> {
		const { client, policy } = this.item;
		const deadline = Math.max(1, endsAt - this.execution.clock.monotonic());
		const timeout = Math.min(policy.timeout ?? deadline, deadline);
		return await settle(client.request(request, { timeout, deadline }));
	}

	/** After a stop, the error is shown nowhere. */
	private nameRest(error: RequestFailedError, rest: string): RequestFailedError {
		const { context, id } = this.execution;
		context.logger.warn(`Execution ${id}: ${rest}`);
		return error.with({ note: rest });
	}
}

function readCompleted({ body }: KooDriveResponse): IDataObject | undefined {
	const record = readRecord(body);
	return record && readStatus(record) === RECORD_STATUS.completed ? record : undefined;
}

function isNotFound(response: KooDriveResponse | RequestFailedError): boolean {
	return response instanceof RequestFailedError && response.failure.reason === 'notFound';
}

/** A copy of KooDrive's data may not have the record yet. */
function isWorthWaiting(error: RequestFailedError): boolean {
	return isNotFound(error) || getReason(error.failure.reason).retryable;
}

/** Whether KooDrive may have carried out a request although it failed. */
function mayBeCarriedOut({ failure, attempts }: RequestFailedError): boolean {
	if (attempts === undefined || attempts.count === 0) return false;
	return attempts.outcomeUnknown || getReason(failure.reason).mayHaveExecuted;
}
