import { formatTransfer } from '../../../shared/records/format';
import type { UploadedFile } from '../../transfer/uploadFile';

/** What a backup consists of, and what was sent of it. */
export interface BackupCounts {
	files: number;
	bytes: number;
	filesUploaded: number;
	bytesUploaded: number;
	/** Those whose content KooDrive stored already. */
	filesAlreadyStored: number;
	durationSeconds: number;
}

/** @param duration in milliseconds */
export function summarize(
	uploaded: readonly UploadedFile[],
	duration: number,
): { counts: BackupCounts & Record<string, number>; sentence: string } {
	const sent = uploaded.filter(({ alreadyStored }) => !alreadyStored);
	const counts = {
		files: uploaded.length,
		bytes: countBytes(uploaded),
		filesUploaded: sent.length,
		bytesUploaded: countBytes(sent),
		filesAlreadyStored: uploaded.length - sent.length,
		durationSeconds: Math.round(duration / 100) / 10,
	};
	const stored =
		counts.filesAlreadyStored === 0
			? ''
			: ` KooDrive stored the content of ${counts.filesAlreadyStored} of them already.`;
	const sentence = `Backed up ${formatTransfer(counts.files, counts.bytes, counts.durationSeconds)}.${stored}`;
	return { counts, sentence };
}

function countBytes(files: readonly UploadedFile[]): number {
	return files.reduce((sum, { size }) => sum + size, 0);
}
