import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Contender } from './cases';
import { judge } from './goals';
import type { LeasesMeasured } from './leases';
import { plot } from './plot';
import type { RecordsMeasured } from './records';
import type { Row } from './row';
import { median, rate, rowOf } from './row';
import type { Seen } from './server';

/** Everything that one benchmark measured. */
export interface Results {
	date: string;
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
	records: RecordsMeasured[];
}

function number(value: number): string {
	const digits = value < 0.1 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0;
	return value.toLocaleString('en-US', { maximumFractionDigits: digits });
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
		number(perSecond.median),
		number(perSecond.least),
		number(perSecond.most),
		ratio(rows, row, 'helper'),
		ratio(rows, row, 'helper-expression'),
		ratio(rows, row, 'http-request'),
		number(median(row, 'cpuSeconds')),
		number(median(row, 'peakMemory')),
		number(median(row, 'mostConnections')),
		String(row.runs.reduce((sum, { failures }) => sum + failures, 0)),
	];
}

const GOALS_HEADER = ['goal', 'measured', 'reached'];

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
		[middle, percentile99, most].map(number).join(', ');
	return [
		locks.toLocaleString('en-US'),
		// Less than that is within the variation of the measurement.
		leases.cpu < 0.01 ? 'under 1%' : `${number(leases.cpu * 100)}%`,
		number(leases.memory),
		number((leases.requests - locks) / seconds),
		number(Math.max(0, leases.longestGap - RENEW_EVERY) / 1000),
		times(alone),
		times(beside),
	];
}

const RECORDS_HEADER = ['backup records', 'seconds', 'memory before (MiB)', 'peak memory (MiB)'];

function recordsCells(measured: RecordsMeasured): string[] {
	const { records, seconds, memoryBefore, peakMemory } = measured;
	return [records, seconds, memoryBefore, peakMemory].map(number);
}

/** A table in Markdown, and an empty line after it; nothing if there are no rows. */
function tableOf(header: string[], rows: string[][], textColumns: string[] = []): string[] {
	if (rows.length === 0) return [];
	const alignment = header.map((name) => (textColumns.includes(name) ? '---' : '---:'));
	return [header, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`).concat('');
}

/** What the page shows: the goals, and what leases and long lists cost. */
function summary({ date, machine, package: cost, rows, leases, records }: Results): string {
	return [
		`Measured on ${date}: Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGibibytes} GiB. The server ran on the same machine, in another process.`,
		'',
		`Loading the package costs n8n ${number(cost.loadMilliseconds)} ms and ${number(cost.loadMebibytes)} MiB. The tarball has ${number(cost.tarballBytes / 1024)} KiB (${cost.files} files, ${number(cost.unpackedBytes / 1024)} KiB unpacked).`,
		'',
		...tableOf(
			GOALS_HEADER,
			judge(rows).map(({ goal, figure, reached }) => [goal, figure, reached ? 'yes' : 'no']),
			GOALS_HEADER,
		),
		...tableOf(LEASES_HEADER, leases.map(leasesCells)),
		...tableOf(RECORDS_HEADER, records.map(recordsCells)),
	].join('\n');
}

function table({ rows }: Results): string {
	const renewals = rows.map((row) => cells(rows, row));
	return tableOf(HEADER, renewals, ['scheme', 'authentication', 'contender']).join('\n');
}

/** The page that explains the results. */
const PAGE = resolve(__dirname, '../../docs/performance.md');
const BETWEEN_MARKS = /(<!-- results -->\n).*(<!-- end of results -->)/s;

/**
 * Prints the results and writes them to a folder: as JSON, as a plot, and as tables in Markdown.
 *
 * @param isWhole whether everything was measured, so that the documentation is updated, too
 */
export async function writeReport(
	results: Results,
	folder: string,
	isWhole: boolean,
): Promise<void> {
	const [short, long] = [summary(results), table(results)];
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, '\t')}\n`);
	if (results.rows.length > 0) {
		writeFileSync(join(folder, 'results.svg'), await plot(results.rows));
	}
	writeFileSync(join(folder, 'results.md'), `# Results of the benchmark\n\n${short}\n${long}`);
	if (isWhole) {
		const page = readFileSync(PAGE, 'utf8');
		writeFileSync(PAGE, page.replace(BETWEEN_MARKS, `$1\n${short}\n$2`));
	}
	console.log(`\n${short}\n${long}`);
}
