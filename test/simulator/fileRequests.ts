import { createHash } from 'node:crypto';

import type { ApiReply } from './replies';
import { businessError, objectIn, parameterCheckFailed } from './replies';
import type { Content } from './store/content';

export interface PartSize {
	partNumber: number;
	/** Bytes. */
	partSize: number;
}

/** What "Creating a Backup File" is sent, as far as the simulator needs it. */
export interface FileRequest {
	fileName: string;
	parentFolder: string[];
	/** Bytes. */
	length: number;
	description: string;
	/** Hex, of the whole file. */
	sha256?: string;
	/** Hex, of the first 1 KiB. */
	preHash?: string;
	proofCode?: string;
	multiParts: PartSize[];
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Bytes that every part but the last must have. */
export const SMALLEST_PART = 5 * MIB;
const LARGEST_PART = 5 * GIB;
const LARGEST_FILE = 200 * GIB;
const LAST_PART_NUMBER = 10_000;
const PRE_HASH_LENGTH = 1024;
const LONGEST_NAME = 250;
const LONGEST_DESCRIPTION = 512;
const FORBIDDEN_IN_NAMES = /[<>|:"*?/]/;
/** The file types of "Creating File Metadata"; that they hold for backups too is assumed. */
const FILE_TYPES = ['15', '20', '26', '27', '28', '30', '35', '40', '45'];
const HEX_DIGEST = /^[0-9a-f]{64}$/;

// These two codes are listed for "Checking Whether File Upload Is Completed"; that creating a file uses them is assumed.
const nameTooLong = businessError(13000417, 'the file name is too long');
const nameForbidden = businessError(13000419, 'the file name has forbidden characters');

/**
 * Reads the body of "Creating a Backup File". Fields for which that page can't be read follow "Creating File
 * Metadata" (assumed).
 *
 * @returns the request, or the response that rejects it
 */
export function readFileRequest(body: Buffer): FileRequest | ApiReply {
	const fields = objectIn(body) ?? {};
	const { fileName, parentFolder, length, description = '', multiParts } = fields;
	const { sha256, preHash, proofCode } = fields;
	if (typeof fileName !== 'string') return parameterCheckFailed;
	if (fileName.length > LONGEST_NAME) return nameTooLong;
	if (['', '.', '..'].includes(fileName) || FORBIDDEN_IN_NAMES.test(fileName)) return nameForbidden;
	const parts = multiParts === undefined ? [] : readParts(multiParts);
	const isValid =
		hasFixedFields(fields) &&
		isFolder(parentFolder) &&
		isInteger(length, 0, LARGEST_FILE) &&
		isShortText(description) &&
		[sha256, preHash, proofCode].every(isOptionalDigest) &&
		// The proof code of an empty file is not needed ("Process of Generating ProofCode").
		(length === 0 || (sha256 === undefined) === (proofCode === undefined));
	if (!isValid || parts === undefined) return parameterCheckFailed;
	return {
		fileName,
		parentFolder,
		length,
		description,
		sha256: sha256 as string | undefined,
		preHash: preHash as string | undefined,
		proofCode: proofCode as string | undefined,
		multiParts: parts,
	};
}

/** @returns `undefined` if these aren't parts of a file */
export function readParts(value: unknown): PartSize[] | undefined {
	if (!Array.isArray(value)) return undefined;
	const parts = value as Array<Partial<Record<keyof PartSize, unknown>> | null>;
	const areValid = parts.every(
		(part) =>
			isInteger(part?.partNumber, 1, LAST_PART_NUMBER) &&
			isInteger(part?.partSize, 0, LARGEST_PART),
	);
	const numbers = new Set(parts.map((part) => part?.partNumber));
	if (!areValid || numbers.size < parts.length) return undefined;
	return (parts as PartSize[]).map(({ partNumber, partSize }) => ({ partNumber, partSize }));
}

function hasFixedFields(fields: Record<string, unknown>): boolean {
	const { fileType, mimeType, uploadMode, uploadType } = fields;
	return (
		FILE_TYPES.includes(fileType as string) &&
		(mimeType === undefined || typeof mimeType === 'string') &&
		uploadMode === 'multipart' &&
		uploadType === 1
	);
}

function isFolder(value: unknown): value is string[] {
	return (
		Array.isArray(value) &&
		value.length > 0 &&
		value.every((name) => typeof name === 'string' && name !== '')
	);
}

function isShortText(value: unknown): value is string {
	return typeof value === 'string' && value.length <= LONGEST_DESCRIPTION;
}

function isOptionalDigest(value: unknown): boolean {
	return value === undefined || (typeof value === 'string' && HEX_DIGEST.test(value));
}

function isInteger(value: unknown, least: number, most: number): value is number {
	return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** A file of a backup that KooDrive waits for. */
export class FileUpload {
	/** The sizes of the parts for which links were given out, by their number. */
	private sizes = new Map<number, number>();

	/**
	 * @param uploadId of its upload in the object store
	 * @param smallestPart bytes that every part but the last must have
	 */
	constructor(
		readonly recordId: string,
		readonly file: FileRequest,
		readonly uploadId: string,
		private readonly smallestPart: number,
	) {}

	/**
	 * Notes the parts for which links are wanted.
	 *
	 * @returns `false` if these can't be parts of this file: more bytes than it has, or a part that is too small and isn't
	 * its end
	 */
	expect(parts: PartSize[]): boolean {
		const sizes = new Map(this.sizes);
		for (const { partNumber, partSize } of parts) sizes.set(partNumber, partSize);
		const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
		const last = Math.max(...sizes.keys());
		// Before the sizes of all earlier parts are known, any last part may be the end.
		const mayEnd = bytes === this.file.length || sizes.size < last;
		const areLarge = [...sizes].every(
			([partNumber, size]) => size >= this.smallestPart || (partNumber === last && mayEnd),
		);
		if (bytes > this.file.length || !areLarge) return false;
		this.sizes = sizes;
		return true;
	}

	/** Whether what has arrived is the file that was announced. */
	isIntact(content: Content, partSizes: number[], sha256: string | undefined): boolean {
		const { file } = this;
		return (
			content.length === file.length &&
			partSizes.slice(0, -1).every((size) => size >= this.smallestPart) &&
			[sha256, file.sha256].every((digest) => digest === undefined || digest === content.sha256) &&
			(file.preHash === undefined || file.preHash === preHashOf(content))
		);
	}
}

function preHashOf(content: Content): string {
	const head = content.read(0, Math.min(PRE_HASH_LENGTH, content.length));
	return createHash('sha256').update(head).digest('hex');
}
