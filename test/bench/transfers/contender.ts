import '../../engine/environment';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTask } from '../processes';
import type { TransferCase, TransferContender } from './cases';
import type { SourceFile } from './files';
import { writeFiles } from './files';
import type { Figures } from './figures';
import { noteIdleMemory } from './figures';
import { httpRequest } from './httpRequest';
import { limit } from './limit';
import { archive, node } from './node';
import type { PreparedTransfers } from './server';

/* One contender in one case, in a separate process: backs files up, once more with some of them changed, restores. */

/** What it's told. */
export interface TransferTask extends PreparedTransfers {
	contender: TransferContender;
	case: TransferCase;
	files: SourceFile[];
	/** Bytes of a part; the node decides by itself unless the case says otherwise. */
	partSize: number;
	/** How many files are transferred at the same time. */
	parallel: number;
	/** The packages of the installed n8n. */
	modules: string;
}

/** What it measured. */
export interface TransfersMeasured {
	backUp: Figures;
	secondNight?: Figures;
	restore?: Figures;
}

/** Makes and restores backups. */
export interface Contender {
	/** In the second night, KooDrive stores the content of most files already. */
	backUp: (
		files: SourceFile[],
		isSecondNight?: boolean,
	) => Promise<{ recordId: string; figures: Figures }>;
	/** `folder` is what is to be deleted afterwards. */
	restore: (recordId: string) => Promise<{ folder?: string; restored: number; figures: Figures }>;
}

const WARM_UP_FILES = 30;
const WARM_UP_SIZE = 10 * 1024;

const contenders: Record<
	TransferContender,
	(task: TransferTask) => Contender | Promise<Contender>
> = { node, 'http-request': httpRequest, limit, archive };

async function writeWarmUp({ parallel }: TransferTask): Promise<SourceFile[]> {
	return await writeTemporarily(Math.max(WARM_UP_FILES, 2 * parallel), WARM_UP_SIZE);
}

async function writeTemporarily(count: number, size: number): Promise<SourceFile[]> {
	const folder = mkdtempSync(join(tmpdir(), 'files-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	return await writeFiles(folder, count, size);
}

/** One file of a hundred, at least one, gets other content. */
async function change(files: SourceFile[]): Promise<SourceFile[]> {
	const changed = await writeTemporarily(Math.ceil(files.length / 100), files[0]!.size);
	return files.map((file, index) => ({ ...file, path: changed[index]?.path ?? file.path }));
}

onTask(async (task: TransferTask): Promise<TransfersMeasured> => {
	const { files, case: situation } = task;
	const contender = await contenders[task.contender](task);
	// The code must be compiled before anything is measured.
	await contender.restore((await contender.backUp(await writeWarmUp(task))).recordId);
	noteIdleMemory(situation.collects);
	const first = await contender.backUp(files);
	const measured: TransfersMeasured = { backUp: first.figures };
	if (situation.secondNight && task.contender !== 'http-request') {
		measured.secondNight = (await contender.backUp(await change(files), true)).figures;
	}
	if (!situation.restore) return measured;
	const { folder, restored, figures } = await contender.restore(first.recordId);
	if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
	measured.restore = { ...figures, failures: files.length - restored };
	return measured;
});
