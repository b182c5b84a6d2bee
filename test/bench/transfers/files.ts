import { randomFillSync } from 'node:crypto';
import type { ReadStream } from 'node:fs';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

/** A file to back up. */
export interface SourceFile {
	name: string;
	path: string;
	size: number;
}

const CHUNK = 1024 * 1024;

/** Reads a file, or a range of it, in chunks that are no larger than the file: Node takes whole ones for each reading. */
export function readFile(
	{ path, size }: SourceFile,
	range: { start?: number; end?: number } = {},
): ReadStream {
	return createReadStream(path, { ...range, highWaterMark: Math.min(CHUNK, size) });
}

/** Writes files of random bytes to a folder. */
export async function writeFiles(
	folder: string,
	count: number,
	size: number,
): Promise<SourceFile[]> {
	mkdirSync(folder, { recursive: true });
	const files: SourceFile[] = [];
	for (let index = 0; index < count; index++) {
		const name = `file-${index}.bin`;
		const path = join(folder, name);
		const output = createWriteStream(path);
		for (let left = size; left > 0; left -= CHUNK) {
			const bytes = randomFillSync(Buffer.allocUnsafe(Math.min(left, CHUNK)));
			if (!output.write(bytes)) await once(output, 'drain');
		}
		output.end();
		await once(output, 'finish');
		files.push({ name, path, size });
	}
	return files;
}
