import type { Completion, Files } from './files';
import { readFileRequest, readParts } from './fileRequests';
import type { Locks } from './locks';
import { withLock } from './locks';
import type { ObjectStore } from './objectStore';
import type { Records } from './records';
import type { ApiReply, ApiRequest, Handler, Route } from './replies';
import {
	businessError,
	done,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
	route,
	success,
} from './replies';

const FILES = '/koodrive/ose/v1/files';
const MOST_DOWNLOADS = 100;

/** The calls on whose responses the pages disagree. */
type FileCall = 'createFile' | 'uploadUrl' | 'completeFile' | 'download';

/** How a response is laid out. */
interface ResponseShape {
	/** Whether its fields stand beside `code` or under `data`. */
	fields: 'flat' | 'data';
	/** Whether `code` is a number or a text, such as `"0"`. */
	code: 'number' | 'text';
}

export type ResponseShapes = Record<FileCall, ResponseShape>;

/** As the examples on the pages are. */
export function documentedShapes(): ResponseShapes {
	const flat = (): ResponseShape => ({ fields: 'flat', code: 'number' });
	return { createFile: flat(), uploadUrl: flat(), completeFile: flat(), download: flat() };
}

const noSuchUpload = businessError(13000401, 'the upload task does not exist');

// No code is published for this.
const recordIsCompleted = businessError(13000102, 'the backup record is completed');

const completions: Record<Completion, ApiReply> = {
	completed: done,
	'no upload': noSuchUpload,
	'not intact': businessError(13000402, 'the integrity check failed'),
	'duplicate name': businessError(13000405, 'duplicate file name'),
};

interface FileService {
	files: Files;
	records: Records;
	store: ObjectStore;
	locks: Locks;
	containerId: string;
	/** How the responses are laid out. */
	shapes: ResponseShapes;
}

/**
 * "Creating a Backup File", "Obtaining Upload Links", "Checking Whether File Upload Is Completed" and "Obtaining
 * Download Links".
 */
export function fileRoutes(service: FileService): Route[] {
	const shaped = (call: FileCall, handle: Handler): Handler => {
		return (request, id) => inShape(handle(request, id), service.shapes[call]);
	};
	const create = withLock(service.locks, (request, id) => createFile(service, request, id));
	return [
		route('POST', '/koodrive/ose/v1/backup/record/{id}/file', shaped('createFile', create)),
		route('POST', `${FILES}/multipart/uploadUrl`, shaped('uploadUrl', linkParts(service))),
		route('POST', `${FILES}/complete`, shaped('completeFile', completeFile(service))),
		route('POST', `${FILES}/download`, shaped('download', linkDownloads(service))),
	];
}

function createFile(
	{ files, records, containerId }: FileService,
	{ headers, body }: ApiRequest,
	recordId: string,
): ApiReply {
	const file = readFileRequest(body);
	if ('status' in file) return file;
	if (!records.records.has(recordId)) return resourceMissing;
	if (!records.isOpen(recordId)) return recordIsCompleted;
	const isSigned = headers.authorization?.startsWith('HMAC') === true;
	const origin = isSigned ? headers['x-user-id'] : headers.authorization;
	const result = files.create(recordId, file, String(origin));
	if (result === undefined) return completions['duplicate name'];
	const { upload, ...created } = result;
	if (upload === undefined) return flatReply({ ...created, containerId, multiParts: [] });
	const multiParts = files.linkParts(upload, file.multiParts);
	if (multiParts === undefined) return parameterCheckFailed;
	return flatReply({ ...created, containerId, uploadId: upload.uploadId, multiParts });
}

function linkParts({ files }: FileService): Handler {
	return ({ body }) => {
		const { fileId, multiParts } = objectIn(body) ?? {};
		const parts = readParts(multiParts);
		if (typeof fileId !== 'string' || parts === undefined || parts.length === 0) {
			return parameterCheckFailed;
		}
		const upload = files.upload(fileId);
		if (upload === undefined) return noSuchUpload;
		const linked = files.linkParts(upload, parts);
		return linked === undefined ? parameterCheckFailed : flatReply({ multiParts: linked });
	};
}

function completeFile({ files }: FileService): Handler {
	return ({ body }) => {
		const { fileId, sha256 } = objectIn(body) ?? {};
		if (typeof fileId !== 'string') return parameterCheckFailed;
		if (sha256 !== undefined && typeof sha256 !== 'string') return parameterCheckFailed;
		return completions[files.complete(fileId, sha256)];
	};
}

function linkDownloads(service: FileService): Handler {
	return ({ body }) => {
		const { containerId, fileIds } = objectIn(body) ?? {};
		if (!isListOfIds(fileIds)) return parameterCheckFailed;
		if (containerId !== service.containerId) return resourceMissing;
		const downloads = fileIds.map((fileId) => linkDownload(service, fileId));
		const linked = downloads.filter(({ code }) => code === 0).length;
		const batchCode = linked === downloads.length ? 1 : linked > 0 ? 0 : 2;
		return flatReply({ batchCode, downloads });
	};
}

function linkDownload({ files, store }: FileService, fileId: string) {
	const file = files.get(fileId);
	if (file === undefined) return { fileId, ...(resourceMissing.body as typeof success) };
	const { fileName } = file.shown;
	return { fileId, fileName, url: store.downloadLink(file.key, fileName), ...success };
}

function isListOfIds(value: unknown): value is string[] {
	return (
		Array.isArray(value) &&
		value.length > 0 &&
		value.length <= MOST_DOWNLOADS &&
		value.every((id) => typeof id === 'string')
	);
}

/** Some of these calls respond beside `code` and `msg`. */
function flatReply(fields: object): ApiReply {
	return { status: 200, body: { ...fields, ...success } };
}

function inShape({ status, body }: ApiReply, shape: ResponseShape): ApiReply {
	const { code, msg, ...fields } = body as Record<string, unknown>;
	const laidOut =
		shape.fields === 'data' && Object.keys(fields).length > 0 ? { data: fields } : fields;
	return { status, body: { ...laidOut, code: shape.code === 'text' ? String(code) : code, msg } };
}
