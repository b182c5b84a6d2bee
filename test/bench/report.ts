import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Contender } from './cases';
import { judge } from './goals';
import type { KeptMeasured } from './kept';
import { plot } from './plot';
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
	/** Locks that were kept alive, and for how many seconds they were watched. */
	kept: Array<KeptMeasured & Seen & { locks: number; seconds: number }>;
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
	'at once',
	'authentication',
	'faults',
	'contender',
	'locks/s (median)',
	'least',
	'most',
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

const line = (values: string[]) => `| ${values.join(' | ')} |`;

/** Milliseconds between two renewals of a kept lock, by default. */
const RENEW_EVERY = 200_000;

const KEPT_HEADER = [
	'kept locks',
	'CPU (share of one core)',
	'memory (MiB)',
	'requests a second',
	'a renewal was late by at most (s)',
	'a small workflow alone (ms): median, 99%, most',
	'beside them (ms): median, 99%, most',
];

function keptCells({ locks, seconds, ...kept }: Results['kept'][number]): string[] {
	const { alone, beside } = kept;
	const times = ({ median: middle, percentile99, most }: KeptMeasured['alone']) =>
		[middle, percentile99, most].map(number).join(', ');
	return [
		locks.toLocaleString('en-US'),
		// What is less than that is within what the measurement varies by itself.
		kept.cpu < 0.01 ? 'under 1%' : `${number(kept.cpu * 100)}%`,
		number(kept.memory),
		number((kept.requests - locks) / seconds),
		number(Math.max(0, kept.longestGap - RENEW_EVERY) / 1000),
		times(alone),
		times(beside),
	];
}

/** What the page shows: what was to be reached, and what keeping locks alive costs. */
function summary({ date, machine, package: cost, rows, kept }: Results): string {
	return [
		`Measured on ${date}: Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGibibytes} GiB. The server ran in a process of its own on the same machine.`,
		'',
		`Loading the package costs n8n ${number(cost.loadMilliseconds)} ms and ${number(cost.loadMebibytes)} MiB. The tarball has ${number(cost.tarballBytes / 1024)} KiB (${cost.files} files, ${number(cost.unpackedBytes / 1024)} KiB unpacked).`,
		'',
		line(['to reach', 'measured', 'reached']),
		line(['---', '---', '---']),
		...judge(rows).map(({ goal, figure, reached }) => line([goal, figure, reached ? 'yes' : 'no'])),
		'',
		line(KEPT_HEADER),
		line(KEPT_HEADER.map(() => '---:')),
		...kept.map((entry) => line(keptCells(entry))),
		'',
	].join('\n');
}

function table({ rows }: Results): string {
	return [
		line(HEADER),
		line(
			HEADER.map((name) =>
				['scheme', 'authentication', 'contender'].includes(name) ? '---' : '---:',
			),
		),
		...rows.map((row) => line(cells(rows, row))),
		'',
	].join('\n');
}

/** The page that shows the results to whoever wants to know what they mean. */
const PAGE = resolve(__dirname, '../../docs/performance.md');
const BETWEEN_MARKS = /(<!-- results -->\n).*(<!-- end of results -->)/s;

/**
 * Writes what was measured as JSON, as a plot, and as tables in Markdown: into the documentation if all was
 * measured, else beside the rest. Shows the tables.
 *
 * @param results what was measured
 * @param folder where to
 * @param isWhole whether all cases were measured, so that the documentation may show them
 */
export async function writeReport(
	results: Results,
	folder: string,
	isWhole: boolean,
): Promise<void> {
	const [short, long] = [summary(results), table(results)];
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, '\t')}\n`);
	writeFileSync(join(folder, 'results.svg'), await plot(results.rows));
	writeFileSync(join(folder, 'results.md'), `# Results of the benchmark\n\n${short}\n${long}`);
	if (isWhole) {
		const page = readFileSync(PAGE, 'utf8');
		writeFileSync(PAGE, page.replace(BETWEEN_MARKS, `$1\n${short}\n$2`));
	}
	console.log(`\n${short}\n${long}`);
}
