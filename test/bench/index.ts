import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { SingleBar } from 'cli-progress';

import { installN8n } from '../installation/n8n';
import { runProgram } from '../program';
import type { Case } from './cases';
import { canDo, CASES, CONTENDERS, QUICK_CASES, repeats } from './cases';
import type { Measured } from './contender';
import type { LeasesMeasured } from './leases';
import type { LimiterMeasured } from './limiter';
import { Processes } from './processes';
import type { RecordsMeasured } from './records';
import type { Results } from './report';
import { NOTHING, readResults, writeReport } from './report';
import type { Row } from './row';
import { describeCase } from './row';
import type { Prepare, Seen } from './server';
import { measureTransfers } from './transfers';
import type { Group } from './transfers/cases';
import { casesOf, GROUPS } from './transfers/cases';
import { measureWebhook } from './webhook';

/*
 * npm run bench: measures everything over https, unless a case says otherwise, and on the Node that n8n requires.
 * `-- --only records` measures one of the benchmarks below again, `-- --only transfers --cases large` some of its
 * cases. `-- --quick` measures a few cases, and writes to `reports/bench`.
 */

const {
	quick: isQuick,
	only,
	cases: group,
} = parseArgs({
	options: {
		quick: { type: 'boolean', default: false },
		only: { type: 'string' },
		cases: { type: 'string' },
	},
}).values;

const BENCHMARKS = { renewals, leases, limiter, records, transfers, webhook };

async function main(): Promise<void> {
	if (only !== undefined && !Object.hasOwn(BENCHMARKS, only)) {
		throw new Error(`--only takes one of ${Object.keys(BENCHMARKS).join(', ')}`);
	}
	if (group !== undefined && !GROUPS.some((name) => name === group)) {
		throw new Error(`--cases takes one of ${GROUPS.join(', ')}`);
	}
	const { node, modules } = await installN8n();
	const processes = new Processes(node);
	const results: Results = {
		...(isQuick ? NOTHING : readResults()),
		machine: {
			node: execFileSync(node, ['--version']).toString().trim(),
			cpu: cpus()[0]?.model ?? '',
			cores: cpus().length,
			memoryGibibytes: Math.round(totalmem() / 2 ** 30),
		},
		package: packageCost(),
	};
	try {
		for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
			if (only !== undefined && only !== name) continue;
			await benchmark(processes, results, modules);
			results.dates[name] = new Date().toISOString().slice(0, 10);
		}
	} finally {
		processes.end();
	}
	await writeReport(results, isQuick);
}

/** Every contender in every case, alternating, so that whatever changes on the machine affects all of them. */
async function renewals(processes: Processes, results: Results, modules: string): Promise<void> {
	const rows: Row[] = [];
	const cases = isQuick ? QUICK_CASES : CASES;
	const times = (situation: Case) => (isQuick ? 1 : repeats(situation));
	const work = (situation: Case) =>
		times(situation) * (4 + situation.locks / 400) * (1 + situation.latency / 300);
	const bar = new SingleBar({
		format: '{bar} {percentage}% | {duration_formatted} elapsed, {eta_formatted} left | {what}',
		etaBuffer: 50,
		noTTYOutput: true,
		notTTYSchedule: 30_000,
	});
	const whole = cases.reduce((sum, situation) => sum + work(situation), 0);
	bar.start(Math.round(whole), 0, { what: '' });
	const server = processes.start('server.ts');
	for (const situation of cases) {
		const { scheme, locks, latency, faults } = situation;
		const contenders = CONTENDERS.filter((contender) => canDo(contender, situation));
		const measured = contenders.map((contender): Row => ({ contender, case: situation, runs: [] }));
		for (let repeat = 0; repeat < times(situation); repeat++) {
			for (const { contender, runs } of measured) {
				bar.update({ what: `${contender}: ${describeCase(situation)}` });
				const prepare: Prepare = { scheme, locks, latency, faults };
				const task = { contender, case: situation, modules };
				// A contender that runs out of memory or time is a result, too.
				await processes.measure<Measured, Seen>(server, prepare, 'contender.ts', task, 300).then(
					(run) => runs.push(run),
					(error: unknown) => console.error(`\n${contender}, ${locks} locks: ${String(error)}`),
				);
				bar.increment(work(situation) / times(situation) / contenders.length);
			}
		}
		rows.push(...measured);
	}
	bar.stop();
	server.disconnect();
	results.rows = rows;
}

/** Locks that are kept alive. Several numbers of them are measured at the same time, each in its own processes. */
async function leases(processes: Processes, results: Results): Promise<void> {
	const seconds = isQuick ? 15 : 205;
	const measure = async (locks: number) => {
		const server = processes.start('server.ts');
		const prepare: Prepare = { scheme: 'https', locks, latency: 50, faults: 0 };
		const task = { seconds };
		const measured = await processes.measure<LeasesMeasured, Seen>(
			server,
			prepare,
			'leases.ts',
			task,
		);
		server.disconnect();
		return { locks, seconds, ...measured };
	};
	const counts = isQuick ? [100] : [100, 1_000, 10_000];
	console.log(`Keeping ${counts.join(', ')} locks alive for ${seconds} seconds ...`);
	results.leases = await Promise.all(counts.map(measure));
}

/** Waiting for a place under Max Concurrency. */
async function limiter(processes: Processes, results: Results): Promise<void> {
	results.limiter = [];
	for (const tasks of isQuick ? [1_000] : [1_000, 10_000]) {
		results.limiter.push({
			tasks,
			...(await processes.run<LimiterMeasured>('limiter.ts', { tasks })),
		});
	}
}

/** Long lists of backup records. */
async function records(processes: Processes, results: Results): Promise<void> {
	const server = processes.start('server.ts');
	results.records = [];
	for (const count of isQuick ? [10_000] : [10_000, 100_000]) {
		console.log(`Listing ${count} backup records ...`);
		const prepare: Prepare = { scheme: 'https', locks: 0, latency: 0, faults: 0, records: count };
		results.records.push(
			await processes.measure<RecordsMeasured, Seen>(server, prepare, 'records.ts'),
		);
	}
	server.disconnect();
}

/** Back Up and Restore: what was measured of other cases stays. */
async function transfers(processes: Processes, results: Results, modules: string): Promise<void> {
	const cases = casesOf(isQuick ? 'quick' : (group as Group | undefined));
	const groups = new Set(cases.map((situation) => situation.group));
	const others = results.transfers.filter((row) => !groups.has(row.case.group));
	results.transfers = [...others, ...(await measureTransfers(processes, modules, cases))];
}

/** Other workflows of n8n while it backs files up. */
async function webhook(processes: Processes, results: Results): Promise<void> {
	if (!isQuick) results.webhook = await measureWebhook(processes);
}

function packageCost(): Results['package'] {
	const loads = Array.from({ length: 7 }, () => {
		const load = [...process.execArgv, resolve(__dirname, 'load.ts')];
		const output = execFileSync(process.execPath, load).toString();
		return JSON.parse(output) as { milliseconds: number; mebibytes: number };
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

runProgram(main);
