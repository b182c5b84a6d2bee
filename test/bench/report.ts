import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Contender } from './cases';
import { judge } from './goals';
import { plot } from './plot';
import type { Row } from './row';
import { median, rate, rowOf } from './row';

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
	'locks',
	'latency (ms)',
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
	const { locks, latency, concurrency, authentication, faults } = row.case;
	const situation = [
		locks.toLocaleString('en-US'),
		String(latency),
		row.contender === 'http-request' ? 'all' : String(concurrency),
		authentication,
		`${faults * 100}%`,
		row.contender,
	];
	if (row.runs.length === 0) {
		return [...situation, 'never finished', ...Array<string>(HEADER.length - 7).fill('')];
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

function toMarkdown({ date, machine, package: cost, rows }: Results): string {
	const line = (values: string[]) => `| ${values.join(' | ')} |`;
	return [
		`Measured on ${date}: Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGibibytes} GiB. The server ran in a process of its own on the same machine.`,
		'',
		`Loading the package costs n8n ${number(cost.loadMilliseconds)} ms and ${number(cost.loadMebibytes)} MiB. The tarball has ${number(cost.tarballBytes / 1024)} KiB (${cost.files} files, ${number(cost.unpackedBytes / 1024)} KiB unpacked).`,
		'',
		line(['to reach', 'measured', 'reached']),
		line(['---', '---', '---']),
		...judge(rows).map(({ goal, figure, reached }) => line([goal, figure, reached ? 'yes' : 'no'])),
		'',
		line(HEADER),
		line(
			HEADER.map((name) => (name === 'authentication' || name === 'contender' ? '---' : '---:')),
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
	const markdown = toMarkdown(results);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, '\t')}\n`);
	writeFileSync(join(folder, 'results.svg'), await plot(results.rows));
	if (!isWhole) writeFileSync(join(folder, 'results.md'), markdown);
	else {
		const page = readFileSync(PAGE, 'utf8');
		writeFileSync(PAGE, page.replace(BETWEEN_MARKS, `$1\n${markdown}\n$2`));
	}
	console.log(`\n${markdown}`);
}
