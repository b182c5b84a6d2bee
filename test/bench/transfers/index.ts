import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import type { Processes } from '../processes';
import type { TransferCase, TransferContender } from './cases';
import { describeTransferCase } from './cases';
import type { TransfersMeasured } from './contender';
import type { SourceFile } from './files';
import { writeFiles } from './files';
import type { TransfersSeen } from './server';

/** One contender in one case. */
export interface TransferRow {
	contender: TransferContender;
	case: TransferCase;
	measured: TransfersMeasured & TransfersSeen;
}

/** Back Up and Restore: every contender in every case, one after the other with the same files. */
export async function measureTransfers(
	processes: Processes,
	modules: string,
	cases: readonly TransferCase[],
): Promise<TransferRow[]> {
	const rows: TransferRow[] = [];
	const server = processes.start('transfers/server.ts');
	for (const situation of cases) {
		const folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
		try {
			const files = await writeFiles(folder, situation.files, situation.size);
			for (const contender of situation.contenders) {
				console.log(`${contender}: ${describeTransferCase(situation)} ...`);
				const given = { contender, situation, files, modules };
				// A contender that runs out of memory or time is a result, too.
				await measureOne(processes, server, given).then(
					(measured) => rows.push({ contender, case: situation, measured }),
					(error: unknown) => console.error(String(error)),
				);
			}
		} finally {
			rmSync(folder, { recursive: true });
		}
	}
	server.disconnect();
	return rows;
}

async function measureOne(
	processes: Processes,
	server: ReturnType<Processes['start']>,
	given: {
		contender: TransferContender;
		situation: TransferCase;
		files: SourceFile[];
		modules: string;
	},
): Promise<TransferRow['measured']> {
	const { contender, situation, files, modules } = given;
	const { latency, parallel, partSize = PARTS.size } = situation;
	const task = { contender, case: situation, files, parallel, partSize, modules };
	const measured = await processes.measure<TransfersMeasured, TransfersSeen>(
		server,
		{ latency },
		'transfers/contender.ts',
		task,
	);
	// The warm-up comes first.
	const missing = situation.files - measured.filesOfRecords[1]!;
	measured.backUp.failures += missing;
	return measured;
}
