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
import { getReason } from '../../../shared/errors/reasons';
import { RequestFailedError } from '../../../shared/errors/requestFailedError';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import type { KooDriveResponse } from '../../../shared/http/client';
import type { KooDriveRequest } from '../../../shared/http/request';
import type { HeldLock } from '../../../shared/leases/locks';
import { recordsBeingWritten } from '../../../shared/records/recordsBeingWritten';
import type { FileToBackUp } from '../../transfer/collectFiles';
import type { SharedTransfers } from '../../transfer/transfer';
import { Transfer } from '../../transfer/transfer';
import { transferAll } from '../../transfer/transferAll';
import type { UploadedFile } from '../../transfer/uploadFile';
import { uploadFile } from '../../transfer/uploadFile';
import { uploadMessages } from '../file/messages';

/** Cleaning up may take this many milliseconds; the lock is released after it. */
const CLEAN_UP_TIMEOUT = 10_000;

const MAY_EXIST =
	"KooDrive may have created an incomplete record: 'Delete Incomplete After' of 'Delete Old' removes it.";

/** One backup under its lock: it ends with a completed record, or with none. */
export class BackupRun {
	private readonly transfer: Transfer;

	constructor(
		private readonly execution: NodeExecution,
		private readonly item: Item<unknown>,
		shared: SharedTransfers,
		private readonly lock: HeldLock,
		private readonly newRecord: NewRecord,
	) {
		const { stopSignal, getLoss } = lock;
		this.transfer = new Transfer(execution, item, shared, stopSignal, getLoss);
	}

	/**
	 * @returns the completed record
	 * @throws RequestFailedError when there is none; then the incomplete record has been deleted, if that was possible
	 */
	async run(
		files: readonly FileToBackUp[],
		skipStored: boolean,
	): Promise<{ record: IDataObject; uploaded: UploadedFile[] }> {
		const created = await this.createRecord();
		const recordId = String(created.recordId);
		recordsBeingWritten.add(recordId);
		try {
			return await this.write(created, recordId, files, skipStored);
		} finally {
			recordsBeingWritten.delete(recordId);
		}
	}

	private async write(
		created: IDataObject,
		recordId: string,
		files: readonly FileToBackUp[],
		skipStored: boolean,
	): Promise<{ record: IDataObject; uploaded: UploadedFile[] }> {
		let uploaded: UploadedFile[];
		try {
			uploaded = await this.uploadAll(files, recordId, skipStored);
		} catch (error) {
			return await this.fail(error, recordId);
		}
		let failure: RequestFailedError | undefined;
		try {
			await this.transfer.request(completeRecord(recordId, this.lock.lockId));
		} catch (error) {
			failure = toError(error).with({ failedStep: "the backup record couldn't be completed" });
		}
		const record = await this.readRecord(recordId, failure === undefined);
		if (failure === undefined) return { record: record ?? { ...created, status: 1 }, uploaded };
		if (record && readStatus(record) === RECORD_STATUS.completed) return { record, uploaded };
		if (record !== undefined) return await this.fail(failure, recordId);
		throw failure.with({ note: `It's unknown whether record ${recordId} is complete: check it.` });
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
			getBytes: (_, { size }) => size,
		});
	}

	/** Repeated if its outcome is unknown: then an incomplete record may be left, which Delete Old can remove. */
	private async createRecord(): Promise<IDataObject> {
		const failedStep = "the backup record couldn't be created";
		// Repeating it does no harm: a record whose response was lost stays empty and incomplete, so it's never restored.
		const request = { ...createRecord(this.lock.lockId, this.newRecord), idempotent: true };
		let response: KooDriveResponse;
		try {
			response = await this.transfer.request(request);
		} catch (error) {
			const failed = toError(error).with({ failedStep });
			const mayExist =
				failed.attempts?.outcomeUnknown === true ||
				getReason(failed.failure.reason).mayHaveExecuted;
			throw mayExist ? failed.with({ note: MAY_EXIST }) : failed;
		}
		const record = readRecord(response.body);
		if (record !== undefined) return record;
		throw new RequestFailedError({ reason: 'responseIncomplete', failedStep }, response.attempts);
	}

	/**
	 * @param isCompleted whether that is known already; otherwise it's important enough to ask even after a stop
	 * @returns `undefined` where the record couldn't be read
	 */
	private async readRecord(
		recordId: string,
		isCompleted: boolean,
	): Promise<IDataObject | undefined> {
		const request = getRecord(recordId);
		try {
			const { body } = isCompleted
				? await this.execution.send(this.item, request)
				: await this.sendInCleanUp(request, 60_000);
			return readRecord(body);
		} catch {
			return undefined;
		}
	}

	/** Deletes the incomplete record. A clean-up that fails doesn't hide the first error. */
	private async fail(error: unknown, recordId: string): Promise<never> {
		const isDeleted = await this.sendInCleanUp(
			deleteRecord(recordId, this.lock.lockId),
			CLEAN_UP_TIMEOUT,
		).then(
			() => true,
			(failed: unknown) => toError(failed).failure.reason === 'notFound',
		);
		const note = `The incomplete record ${recordId} couldn't be deleted: delete it, or use 'Delete Incomplete After' of 'Delete Old'.`;
		throw isDeleted ? error : toError(error).with({ note });
	}

	private async sendInCleanUp(
		request: KooDriveRequest,
		deadline: number,
	): Promise<KooDriveResponse> {
		const { client, policy } = this.item;
		const timeout = Math.min(policy.timeout ?? deadline, deadline);
		return await client.request(request, { timeout, deadline });
	}
}

function toError(error: unknown): RequestFailedError {
	if (error instanceof RequestFailedError) return error;
	return new RequestFailedError({ reason: 'invalidInput', detail: String(error) });
}
