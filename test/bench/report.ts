import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Contender } from './cases';
import type { Goal } from './goals';
import { judge } from './goals';
import type { LeasesMeasured } from './leases';
import type { LimiterMeasured } from './limiter';
import { plot } from './plot';
import type { RecordsMeasured } from './records';
import type { Row } from './row';
import { median, rate, rowOf } from './row';
import type { Seen } from './server';
import type { TransferRow } from './transfers';
import { formatSize } from './transfers/cases';
import { transferCells, TRANSFERS_HEADER } from './transfers/cells';
import { judgeTransfers } from './transfers/goals';
import { plotTransfers } from './transfers/plot';
import { formatNumber } from './units';
import type { WebhookMeasured } from './webhook';

/** Everything that was measured. */
export interface Results {
	/** When each benchmark was run last. */
	dates: Record<string, string>;
	machine: { node: string; cpu: string; cores: number; memoryGibibytes: number };
	package: {
		loadMilliseconds: number;
		loadMebibytes: number;
		tarballBytes: number;
		unpackedBytes: number;
		files: number;
	};
	rows: Row[];
	/** Locks that were kept alive, and for how many seconds. */
	leases: Array<LeasesMeasured & Seen & { locks: number; seconds: number }>;
	limiter: Array<LimiterMeasured & { tasks: number }>;
	records: RecordsMeasured[];
	transfers: TransferRow[];
	webhook: WebhookMeasured[];
}

export const NOTHING = {
	dates: {},
	rows: [],
	leases: [],
	limiter: [],
	records: [],
	transfers: [],
	webhook: [],
};

const ROOT = resolve(__dirname, '../..');
const FOLDER = join(ROOT, 'test/bench/results');

/** What was measured before. */
export function readResults(): Results {
	const known = JSON.parse(readFileSync(join(FOLDER, 'results.json'), 'utf8')) as Results;
	return { ...NOTHING, ...known };
}

function ratio(rows: Row[], row: Row, contender: Contender): string {
	const other = rowOf(rows, contender, row.case);
	if (row.contender !== 'node' || other === undefined) return '';
	if (row.runs.length === 0) return '';
	return (rate(row).median / rate(other).median).toFixed(2);
}

const HEADER = [
	'scheme',
	'locks',
	'round trip (ms)',
	'concurrency',
	'authentication',
	'faults',
	'contender',
	'locks/s (median)',
	'min',
	'max',
	'node/helper',
	'node/helper-expression',
	'node/http-request',
	'CPU (s)',
	'peak memory (MiB)',
	'open connections',
	'failures',
];

function cells(rows: Row[], row: Row): string[] {
	const { scheme, locks, latency, concurrency, authentication, faults } = row.case;
	const situation = [
		scheme,
		locks.toLocaleString('en-US'),
		String(latency),
		row.contender === 'http-request' ? 'all' : String(concurrency),
		authentication,
		`${faults * 100}%`,
		row.contender,
	];
	if (row.runs.length === 0) {
		return [...situation, 'never finished', ...Array<string>(HEADER.length - 8).fill('')];
	}
	const perSecond = rate(row);
	return [
		...situation,
		formatNumber(perSecond.median),
		formatNumber(perSecond.least),
		formatNumber(perSecond.most),
		ratio(rows, row, 'helper'),
		ratio(rows, row, 'helper-expression'),
		ratio(rows, row, 'http-request'),
		formatNumber(median(row, 'cpuSeconds')),
		formatNumber(median(row, 'peakMemory')),
		formatNumber(median(row, 'mostConnections')),
		String(row.runs.reduce((sum, { failures }) => sum + failures, 0)),
	];
}

const GOALS_HEADER = ['goal', 'measured', 'reached'];

function goalCells({ goal, figure, reached }: Goal): string[] {
	return [goal, figure, reached ? 'yes' : 'no'];
}

/** Milliseconds between two renewals of a lock, by default. */
const RENEW_EVERY = 200_000;

const LEASES_HEADER = [
	'leases',
	'CPU (share of one core)',
	'memory (MiB)',
	'requests per second',
	'latest renewal (s too late)',
	'a small workflow alone (ms): median, 99th percentile, max',
	'at the same time (ms): median, 99th percentile, max',
];

function leasesCells({ locks, seconds, ...leases }: Results['leases'][number]): string[] {
	const { alone, beside } = leases;
	const times = ({ median: middle, percentile99, most }: LeasesMeasured['alone']) =>
		[middle, percentile99, most].map(formatNumber).join(', ');
	return [
		locks.toLocaleString('en-US'),
		// Less than that is within the variation of the measurement.
		leases.cpu < 0.01 ? 'under 1%' : `${formatNumber(leases.cpu * 100)}%`,
		formatNumber(leases.memory),
		formatNumber((leases.requests - locks) / seconds),
		formatNumber(Math.max(0, leases.longestGap - RENEW_EVERY) / 1000),
		times(alone),
		times(beside),
	];
}

const LIMITER_HEADER = [
	'tasks that wait for one of 50 places',
	'in order (µs per task)',
	'by urgency (µs per task)',
	'p-limit (µs per task)',
];

function limiterCells({ tasks, inOrder, byUrgency, pLimit }: Results['limiter'][number]): string[] {
	return [tasks, inOrder, byUrgency, pLimit].map(formatNumber);
}

const RECORDS_HEADER = ['backup records', 'seconds', 'memory before (MiB)', 'peak memory (MiB)'];

function recordsCells(measured: RecordsMeasured): string[] {
	const { records, seconds, memoryBefore, peakMemory } = measured;
	return [records, seconds, memoryBefore, peakMemory].map(formatNumber);
}

const WEBHOOK_HEADER = [
	'files',
	'size',
	'round trip (ms)',
	'parallel',
	'backup (s)',
	'webhook, median (ms)',
	'longest (ms)',
];

function webhookCells(measured: WebhookMeasured): string[] {
	const { files, size, latency, parallel, seconds, median: middle, most } = measured;
	return [
		files.toLocaleString('en-US'),
		formatSize(size),
		...[latency, parallel, seconds, middle, most].map(formatNumber),
	];
}

/** A table in Markdown, and an empty line after it; nothing if there are no rows. */
function tableOf(header: string[], rows: string[][], textColumns: string[] = []): string[] {
	if (rows.length === 0) return [];
	const alignment = header.map((name) => (textColumns.includes(name) ? '---' : '---:'));
	return [header, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`).concat('');
}

/** When and where it was measured. */
function conditions({ dates, machine, package: cost }: Results): string[] {
	const when = Object.entries(dates).map(([name, date]) => `${name} on ${date}`);
	return [
		`Measured: ${when.join(', ')}. Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGibibytes} GiB. The server ran on the same machine, in another process.`,
		'',
		`Loading the package costs n8n ${formatNumber(cost.loadMilliseconds)} ms and ${formatNumber(cost.loadMebibytes)} MiB. The tarball has ${formatNumber(cost.tarballBytes / 1024)} KiB (${cost.files} files, ${formatNumber(cost.unpackedBytes / 1024)} KiB unpacked).`,
		'',
	];
}

/** What the page shows. */
function summary(results: Results): string {
	const goals = goalsOf(results);
	const reached = goals.filter((goal) => goal.reached).length;
	const count = `${reached} of ${goals.length} goals were reached ([all](../test/bench/results/results.md)).`;
	return [...conditions(results), count, ''].join('\n');
}

function goalsOf({ rows, transfers }: Results): Goal[] {
	return [...judge(rows), ...judgeTransfers(transfers)];
}

function tables(results: Results): string {
	const { rows, leases, limiter, records, transfers, webhook } = results;
	const renewals = rows.map((row) => cells(rows, row));
	return [
		...conditions(results),
		...tableOf(GOALS_HEADER, goalsOf(results).map(goalCells), GOALS_HEADER),
		...tableOf(HEADER, renewals, ['scheme', 'authentication', 'contender']),
		...tableOf(TRANSFERS_HEADER, transfers.map(transferCells), ['contender']),
		...tableOf(WEBHOOK_HEADER, webhook.map(webhookCells)),
		...tableOf(LEASES_HEADER, leases.map(leasesCells)),
		...tableOf(LIMITER_HEADER, limiter.map(limiterCells)),
		...tableOf(RECORDS_HEADER, records.map(recordsCells)),
	].join('\n');
}

const BETWEEN_MARKS = /(<!-- results -->\n).*(<!-- end of results -->)/s;

/**
 * Prints the results and writes them to a folder: as JSON, as plots, and as tables in Markdown.
 *
 * @param isQuick whether only a few cases were measured, so that the documentation stays as it is
 */
export async function writeReport(results: Results, isQuick: boolean): Promise<void> {
	const folder = isQuick ? join(ROOT, 'reports/bench') : FOLDER;
	const [short, long] = [summary(results), tables(results)];
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, '\t')}\n`);
	writeFileSync(join(folder, 'results.md'), `# Results of the benchmark\n\n${long}`);
	if (!isQuick) {
		writeFileSync(join(folder, 'results.svg'), await plot(results.rows));
		writeFileSync(join(folder, 'transfers.svg'), await plotTransfers(results.transfers));
		const page = join(ROOT, 'docs/performance.md');
		const text = readFileSync(page, 'utf8').replace(BETWEEN_MARKS, `$1\n${short}\n$2`);
		writeFileSync(page, text);
	}
	console.log(`\n${long}`);
}
