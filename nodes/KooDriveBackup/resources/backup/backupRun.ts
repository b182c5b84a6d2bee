import type { IDataObject } from 'n8n-workflow';

import { toLockHeader } from '../../../shared/descriptions/lockId';
import type { Failure } from '../../../shared/errors/failure';
import { getReason } from '../../../shared/errors/reasons';
import type { Item } from '../../../shared/execution/item';
import type { NodeExecution } from '../../../shared/execution/nodeExecution';
import { UNLIMITED } from '../../../shared/http/limiter';
import type { KooDriveRequest } from '../../../shared/http/request';
import type { RequestResult } from '../../../shared/http/result';
import { RequestFailedError, toRequestFailedError } from '../../../shared/http/result';
import { requestWithRetries } from '../../../shared/http/retry';
import type { HeldLock } from '../../../shared/locks/holdLock';
import { recordsBeingWritten } from '../../../shared/records/recordsBeingWritten';
import { RECORDS_PATH } from '../../descriptions/recordId';
import type { FileToBackUp } from '../../transfer/collectFiles';
import type { SharedTransfers } from '../../transfer/sharedTransfers';
import { Transfer } from '../../transfer/transfer';
import { transferAll } from '../../transfer/transferAll';
import type { UploadedFile } from '../../transfer/uploadFile';
import { uploadFile } from '../../transfer/uploadFile';
import { uploadMessages } from '../file/messages';
import { toDeleteRequest } from '../record/delete';
import { readRecord, readStatus, RECORD_STATUS, toRecordPath } from '../record/record';

/** Cleaning up may take this many milliseconds; the lock is released after it. */
const CLEAN_UP_TIMEOUT = 10_000;

const MAY_EXIST =
	"KooDrive may have created an incomplete record: 'Delete Incomplete After' of 'Delete Old' removes it.";

/** What the record of a backup is created with. */
interface NewRecord {
	moduleCode: string;
	deviceId: string;
	/** The part of the body with the properties. */
	properties: IDataObject;
}

/** One backup under its lock: it ends with a completed record, or with none. */
export class BackupRun {
	private readonly transfer: Transfer;

	constructor(
		private readonly execution: NodeExecution,
		private readonly item: Item,
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
		const completed = await this.transfer
			.tryRequest(toCompleteRequest(recordId, this.lock.lockId))
			.catch(toFailedResult);
		const record = await this.readRecord(recordId, completed.ok);
		if (completed.ok) return { record: record ?? { ...created, status: 1 }, uploaded };
		if (record && readStatus(record) === RECORD_STATUS.completed) return { record, uploaded };
		const failure = toRequestFailedError(completed, "the backup record couldn't be completed");
		if (record !== undefined) return await this.fail(failure, recordId);
		throw withNote(failure, `It's unknown whether record ${recordId} is complete: check it.`);
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
		const { moduleCode, deviceId, properties } = this.newRecord;
		const result = await this.transfer.tryRequest({
			method: 'POST',
			path: RECORDS_PATH,
			headers: toLockHeader(this.lock.lockId),
			body: { moduleCode, deviceId, ...properties },
			// Repeating it does no harm: a record whose response was lost stays empty and incomplete, so it's never restored.
			idempotent: true,
		});
		const record = result.ok ? readRecord(result.body) : undefined;
		if (record !== undefined) return record;
		const error = toRequestFailedError(result, "the backup record couldn't be created");
		const { failure } = error;
		const mayExist = result.attempts.outcomeUnknown || getReason(failure.reason).mayHaveExecuted;
		throw mayExist ? withNote(error, MAY_EXIST) : error;
	}

	/**
	 * @param isCompleted whether that is known already; otherwise it's important enough to ask even after a stop
	 * @returns `undefined` where the record couldn't be read
	 */
	private async readRecord(
		recordId: string,
		isCompleted: boolean,
	): Promise<IDataObject | undefined> {
		const request: KooDriveRequest = {
			method: 'GET',
			path: toRecordPath(recordId),
			idempotent: true,
		};
		const result = isCompleted
			? await this.execution.send(this.item, request)
			: await this.sendInCleanUp(request, 60_000);
		return result.ok ? readRecord(result.body) : undefined;
	}

	/** Deletes the incomplete record. A clean-up that fails doesn't hide the first error. */
	private async fail(error: unknown, recordId: string): Promise<never> {
		const request = toDeleteRequest(recordId, this.lock.lockId);
		const result = await this.sendInCleanUp(request, CLEAN_UP_TIMEOUT);
		const isDeleted = result.ok || result.failure.reason === 'notFound';
		const note = `The incomplete record ${recordId} couldn't be deleted: delete it, or use 'Delete Incomplete After' of 'Delete Old'.`;
		throw isDeleted ? error : withNote(error, note);
	}

	private async sendInCleanUp(request: KooDriveRequest, deadline: number): Promise<RequestResult> {
		const { clock } = this.execution;
		const { client, policy } = this.item;
		return await requestWithRetries(
			request,
			{ maxAttempts: Infinity, timeout: Math.min(policy.timeout, deadline), deadline },
			{ client, clock, place: UNLIMITED, cancelSignal: undefined, stopSignal: undefined },
		);
	}
}

/** Source: KooDrive API Reference, "Completing the Backup". That completing twice does no more than once is assumed. */
function toCompleteRequest(recordId: string, lockId: string): KooDriveRequest {
	return {
		method: 'PATCH',
		path: toRecordPath(recordId),
		headers: toLockHeader(lockId),
		body: {},
		idempotent: true,
	};
}

function toFailedResult(error: unknown): RequestResult {
	const failure: Failure =
		error instanceof RequestFailedError
			? error.failure
			: { reason: 'invalidInput', detail: String(error) };
	return { ok: false, failure, attempts: { count: 0, outcomeUnknown: false, startedAt: 0 } };
}

function withNote(error: unknown, note: string): unknown {
	if (!(error instanceof RequestFailedError)) return error;
	const { failure, attempts } = error;
	return new RequestFailedError({ ...failure, notes: [...(failure.notes ?? []), note] }, attempts);
}
