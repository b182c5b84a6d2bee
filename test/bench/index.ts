import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';

import { SingleBar } from 'cli-progress';

import { ensureN8n } from '../installation/n8n';
import type { Case, Contender } from './cases';
import { canDo, CASES, CONTENDERS, QUICK_CASES, repeats } from './cases';
import type { Measured, Task } from './contender';
import type { KeepTask, KeptMeasured } from './kept';
import { ask, Processes } from './processes';
import type { Prepare, Prepared, Seen } from './server';
import type { Results } from './report';
import { writeReport } from './report';
import type { Row } from './row';
import { describeCase } from './row';

/*
 * npm run bench: every contender in every case, over https unless the case says otherwise, one after the other and in
 * turns, so that whatever drifts on the machine hits all alike; then locks that are kept alive. All of it on the
 * Node that n8n itself demands. `npm run bench -- --quick` takes a few cases and writes to `reports/bench`.
 */

/** Milliseconds after which a run is given up. */
const LONGEST_RUN = 300_000;

const isQuick = process.argv.includes('--quick');

/** How many locks are kept alive side by side, and how long they are watched, in seconds. */
const KEPT = isQuick ? [[100]] : [[100, 1_000], [10_000]];
const KEPT_SECONDS = isQuick ? 15 : 205;
const KEPT_LATENCY = 50;

async function runOnce(
	processes: Processes,
	server: ChildProcess,
	contender: Contender,
	situation: Case,
	modules: string,
): Promise<(Measured & Seen) | undefined> {
	const { scheme, locks, latency, faults } = situation;
	const prepare: Prepare = { scheme, locks, latency, faults };
	const prepared = await ask<Prepared>(server, prepare);
	const child = processes.start('contender.ts');
	const tooLong = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN);
	try {
		const task: Task = { ...prepared, contender, case: situation, modules };
		const measured = await ask<Measured>(child, task);
		return { ...measured, ...(await ask<Seen>(server, 'seen')) };
	} catch (error) {
		// A contender that runs out of memory or time is a result, too.
		console.error(`\n${contender}, ${locks} locks: ${String(error)}`);
		return undefined;
	} finally {
		clearTimeout(tooLong);
	}
}

/** Keeps several numbers of locks alive at the same time, each in processes of its own. */
async function keepAlive(processes: Processes, counts: number[]): Promise<Results['kept']> {
	return await Promise.all(
		counts.map(async (locks) => {
			const server = processes.start('server.ts');
			const child = processes.start('kept.ts');
			try {
				const prepare: Prepare = { scheme: 'https', locks, latency: KEPT_LATENCY, faults: 0 };
				const prepared = await ask<Prepared>(server, prepare);
				const task: KeepTask = { ...prepared, seconds: KEPT_SECONDS };
				const measured = await ask<KeptMeasured>(child, task);
				return { locks, seconds: KEPT_SECONDS, ...measured, ...(await ask<Seen>(server, 'seen')) };
			} finally {
				server.disconnect();
			}
		}),
	);
}

function packageCost(): Results['package'] {
	const loads = Array.from({ length: 7 }, () => {
		const output = execFileSync(process.execPath, [
			...process.execArgv,
			resolve(__dirname, 'load.ts'),
		]);
		return JSON.parse(output.toString()) as { milliseconds: number; mebibytes: number };
	});
	const [packed] = JSON.parse(
		execFileSync('npm', ['pack', '--dry-run', '--json', '--silent']).toString(),
	) as Array<{ size: number; unpackedSize: number; entryCount: number }>;
	const middle = (key: 'milliseconds' | 'mebibytes') =>
		loads.map((load) => load[key]).sort((one, other) => one - other)[3]!;
	return {
		loadMilliseconds: middle('milliseconds'),
		loadMebibytes: middle('mebibytes'),
		tarballBytes: packed!.size,
		unpackedBytes: packed!.unpackedSize,
		files: packed!.entryCount,
	};
}

async function main(): Promise<void> {
	const installation = await ensureN8n();
	const processes = new Processes(installation);
	const cases = isQuick ? QUICK_CASES : CASES;
	const times = (situation: Case) => (isQuick ? 1 : repeats(situation));
	const work = (situation: Case) =>
		times(situation) * (4 + situation.locks / 400) * (1 + situation.latency / 300);
	const bar = new SingleBar({
		format: '{bar} {percentage}% | {duration_formatted} gone, {eta_formatted} left | {what}',
		etaBuffer: 50,
		noTTYOutput: true,
		notTTYSchedule: 30_000,
	});
	bar.start(Math.round(cases.reduce((sum, situation) => sum + work(situation), 0)), 0, {
		what: '',
	});
	const server = processes.start('server.ts');
	const rows: Row[] = [];
	for (const situation of cases) {
		const contenders = CONTENDERS.filter((contender) => canDo(contender, situation));
		const runs = new Map<Contender, Array<Measured & Seen>>(contenders.map((name) => [name, []]));
		for (let repeat = 0; repeat < times(situation); repeat++) {
			for (const contender of contenders) {
				bar.update({ what: `${contender}: ${describeCase(situation)}` });
				const run = await runOnce(processes, server, contender, situation, installation.modules);
				if (run !== undefined) runs.get(contender)!.push(run);
				bar.increment(work(situation) / times(situation) / contenders.length);
			}
		}
		for (const [contender, measured] of runs)
			rows.push({ contender, case: situation, runs: measured });
	}
	bar.stop();
	server.disconnect();
	const kept: Results['kept'] = [];
	for (const counts of KEPT) {
		console.log(`Keeping ${counts.join(' and ')} locks alive for ${KEPT_SECONDS} seconds ...`);
		kept.push(...(await keepAlive(processes, counts)));
	}
	processes.end();

	const results: Results = {
		date: new Date().toISOString().slice(0, 10),
		machine: {
			node: execFileSync(installation.node, ['--version']).toString().trim(),
			cpu: cpus()[0]?.model ?? '',
			cores: cpus().length,
			memoryGibibytes: Math.round(totalmem() / 2 ** 30),
		},
		package: packageCost(),
		rows,
		kept,
	};
	const folder = isQuick ? 'reports/bench' : 'test/bench/results';
	await writeReport(results, resolve(__dirname, '../..', folder), !isQuick);
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
