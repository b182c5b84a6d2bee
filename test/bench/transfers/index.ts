import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pLimit from 'p-limit';

import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import type { Processes } from '../processes';
import type { TransferCase, TransferContender } from './cases';
import { describeTransferCase } from './cases';
import type { TransfersMeasured } from './contender';
import type { SourceFile } from './files';
import { writeFiles } from './files';
import type { PrepareTransfers, TransfersSeen } from './server';

/** One contender in one case. */
export interface TransferRow {
	contender: TransferContender;
	case: TransferCase;
	runs: Array<TransfersMeasured & TransfersSeen>;
}

/** Several lines can be measured at a time, as far as they're slow enough to leave the machine idle. */
const LINES_AT_A_TIME = 4;
const FASTEST_OF_THEM = 20;

/** Back Up and Restore: every contender in every case, in turns, with the same files. */
export async function measureTransfers(
	processes: Processes,
	modules: string,
	cases: readonly TransferCase[],
): Promise<TransferRow[]> {
	const isSlow = ({ bandwidth = Infinity, loss }: TransferCase) =>
		loss !== undefined || bandwidth <= FASTEST_OF_THEM;
	const rows: TransferRow[] = [];
	const measure = async (situation: TransferCase) =>
		void rows.push(...(await measureCase(processes, modules, situation)));
	for (const situation of cases) if (!isSlow(situation)) await measure(situation);
	const atATime = pLimit(LINES_AT_A_TIME);
	await Promise.all(cases.filter(isSlow).map(async (each) => await atATime(measure, each)));
	return rows;
}

async function measureCase(
	processes: Processes,
	modules: string,
	situation: TransferCase,
): Promise<TransferRow[]> {
	const rows = situation.contenders.map(
		(contender): TransferRow => ({ contender, case: situation, runs: [] }),
	);
	const server = processes.start('transfers/server.ts');
	const folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
	try {
		const files = await writeFiles(folder, situation.files, situation.size);
		for (let round = 1; round <= situation.rounds; round++) {
			for (const { contender, runs } of rows) {
				if (round > roundsOf(contender, situation)) continue;
				const began = performance.now();
				const given = { contender, situation, files, modules };
				// A contender that runs out of memory or time is a result, too.
				await measureOne(processes, server, given).then(
					(measured) => runs.push(measured),
					(error: unknown) => console.error(String(error)),
				);
				const seconds = ((performance.now() - began) / 1000).toFixed(0);
				console.log(
					`${contender}: ${describeTransferCase(situation)}, round ${round}: ${seconds} s`,
				);
			}
		}
	} finally {
		rmSync(folder, { recursive: true });
		server.disconnect();
	}
	return rows;
}

/** On a line, the others take as long each time. */
function roundsOf(contender: TransferContender, { group, rounds }: TransferCase): number {
	return group === 'lines' && contender !== 'node' ? 1 : rounds;
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
): Promise<TransferRow['runs'][number]> {
	const { contender, situation, files, modules } = given;
	const { latency, bandwidth, loss, parallel, size } = situation;
	const { partSize = contender === 'limit' ? size : PARTS.size } = situation;
	const task = { contender, case: situation, files, parallel, partSize, modules };
	const measured = await processes.measure<TransfersMeasured, TransfersSeen>(
		server,
		{ latency, bandwidth, loss } satisfies PrepareTransfers,
		'transfers/contender.ts',
		task,
	);
	// The warm-up comes first.
	const wanted = contender === 'archive' ? 1 : situation.files;
	measured.backUp.failures += wanted - measured.filesOfRecords[1]!;
	return measured;
}
