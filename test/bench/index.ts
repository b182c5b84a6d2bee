import type { ChildProcess } from 'node:child_process';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';

import { SingleBar } from 'cli-progress';

import { ensureN8n } from '../installation/n8n';
import type { Case, Contender } from './cases';
import { canDo, CASES, CONTENDERS, repeats } from './cases';
import type { Measured, Task } from './contender';
import type { Prepare, Prepared, Seen } from './server';
import type { Results } from './report';
import { writeReport } from './report';
import type { Row } from './row';

/*
 * npm run bench: every contender in every case, one after the other and in turns, so that whatever drifts on
 * the machine hits all alike. `npm run bench -- 1000` leaves out the cases with more than 1,000 locks
 * and writes its results to `reports/bench`.
 */

/** Milliseconds after which a run is given up. */
const LONGEST_RUN = 180_000;

const mostLocks = Number(process.argv[2] ?? Infinity);

function start(file: string): ChildProcess {
	// The processes are TypeScript like this one, so they are run the same way.
	return fork(resolve(__dirname, file), { execArgv: process.execArgv });
}

async function ask<Answer>(child: ChildProcess, message: object | string): Promise<Answer> {
	const over = new AbortController();
	const { signal } = over;
	try {
		const answered = once(child, 'message', { signal }) as Promise<[Answer]>;
		const ended = once(child, 'exit', { signal }).then(() => {
			throw new Error('a process of the benchmark ended without an answer');
		});
		child.send(message);
		const [answer] = await Promise.race([answered, ended]);
		return answer;
	} finally {
		over.abort();
	}
}

async function runOnce(
	server: ChildProcess,
	contender: Contender,
	situation: Case,
	modules: string,
): Promise<(Measured & Seen) | undefined> {
	const { locks, latency, faults } = situation;
	const prepared = await ask<Prepared>(server, { locks, latency, faults } satisfies Prepare);
	const child = start('contender.ts');
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
	const { modules } = await ensureN8n();
	const cases = CASES.filter(({ locks }) => locks <= mostLocks);
	const work = (situation: Case) => repeats(situation) * (2 + situation.locks / 1000);
	const bar = new SingleBar({
		format: '{bar} {percentage}% | {duration_formatted} gone, {eta_formatted} left | {what}',
		etaBuffer: 50,
		noTTYOutput: true,
		notTTYSchedule: 30_000,
	});
	bar.start(Math.round(cases.reduce((sum, situation) => sum + work(situation), 0)), 0, {
		what: '',
	});
	const server = start('server.ts');
	const rows: Row[] = [];
	for (const situation of cases) {
		const contenders = CONTENDERS.filter((contender) => canDo(contender, situation));
		const runs = new Map<Contender, Array<Measured & Seen>>(contenders.map((name) => [name, []]));
		for (let repeat = 0; repeat < repeats(situation); repeat++) {
			for (const contender of contenders) {
				const { locks, latency, concurrency } = situation;
				bar.update({ what: `${contender}: ${locks} locks, ${latency} ms, ${concurrency} at once` });
				const run = await runOnce(server, contender, situation, modules);
				if (run !== undefined) runs.get(contender)!.push(run);
				bar.increment(work(situation) / repeats(situation) / contenders.length);
			}
		}
		for (const [contender, measured] of runs)
			rows.push({ contender, case: situation, runs: measured });
	}
	bar.stop();
	server.disconnect();

	const results: Results = {
		date: new Date().toISOString().slice(0, 10),
		machine: {
			node: process.version,
			cpu: cpus()[0]?.model ?? '',
			cores: cpus().length,
			memoryGibibytes: Math.round(totalmem() / 2 ** 30),
		},
		package: packageCost(),
		rows,
	};
	const isWhole = cases.length === CASES.length;
	const folder = isWhole ? 'test/bench/results' : 'reports/bench';
	await writeReport(results, resolve(__dirname, '../..', folder), isWhole);
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
