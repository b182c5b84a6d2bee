import type { Executed } from '../../engine';
import { bytesOf as restoredBytesOf } from '../../engine/files';
import type { KooDriveSimulator } from '../../simulator';
import type { NightFile } from './files';
import { bytesOf, pathOf } from './files';
import { FIRST_NODE } from './workflows';

/** A file of a backup, as KooDrive stores it or Restore returns it. */
interface BackedUpFile {
	fileName: string;
	path: string;
	size: number;
	read: () => Promise<Buffer | undefined>;
}

/** @returns how what KooDrive stores of a record differs from the files of its night; nothing if it doesn't */
export async function compareStored(
	{ records, files }: KooDriveSimulator,
	recordId: string,
	expected: readonly NightFile[],
): Promise<string[]> {
	const stored = (records.files.get(recordId) ?? []).map(
		({ fileId, fileName, size, description }): BackedUpFile => ({
			fileName,
			path: description || fileName,
			size,
			read: async () => files.content(fileId)?.read(),
		}),
	);
	return await compare(stored, expected);
}

/** @returns how what Restore returned differs from the files of the night */
export async function compareRestored(
	executed: Executed,
	expected: readonly NightFile[],
): Promise<string[]> {
	const restored = executed.json(FIRST_NODE).map(
		({ fileName, path, size }, index): BackedUpFile => ({
			fileName: String(fileName),
			path: String(path),
			size: Number(size),
			read: async () => await restoredBytesOf(executed, FIRST_NODE, index),
		}),
	);
	return await compare(restored, expected);
}

async function compare(
	found: readonly BackedUpFile[],
	expected: readonly NightFile[],
): Promise<string[]> {
	const differences: string[] = [];
	if (found.length !== expected.length) {
		differences.push(`${found.length} files instead of ${expected.length}`);
	}
	const names = new Set(found.map(({ fileName }) => fileName));
	if (names.size !== found.length) differences.push('two files with the same name');
	for (const file of expected) {
		const same = found.find(({ path }) => path === pathOf(file));
		if (same === undefined) differences.push(`${pathOf(file)} is missing`);
		else if (same.size !== file.size) differences.push(`${same.path} has ${same.size} bytes`);
		else if ((await same.read())?.equals(bytesOf(file)) !== true) {
			differences.push(`${same.path} has other bytes`);
		}
	}
	return differences;
}
