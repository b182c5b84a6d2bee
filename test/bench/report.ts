import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Case, Contender } from './cases';
import type { Measured } from './contender';
import { plot } from './plot';
import type { Row } from './row';
import { rate, spread } from './row';
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
}

function number(value: number): string {
	const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
	return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

function sameCase(one: Case, other: Case): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

function ratio(rows: Row[], row: Row, contender: Contender): string {
	const other = rows.find(
		(candidate) => candidate.contender === contender && sameCase(candidate.case, row.case),
	);
	if (row.contender !== 'node' || other === undefined) return '';
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
	'node/http-request',
	'CPU (s)',
	'peak memory (MiB)',
	'open connections',
	'failures',
];

function cells(rows: Row[], row: Row): string[] {
	const { locks, latency, concurrency, authentication, faults } = row.case;
	const perSecond = rate(row);
	const median = (pick: (run: Measured & Seen) => number) =>
		number(spread(row.runs.map(pick)).median);
	return [
		locks.toLocaleString('en-US'),
		String(latency),
		row.contender === 'http-request' ? 'all' : String(concurrency),
		authentication,
		`${faults * 100}%`,
		row.contender,
		number(perSecond.median),
		number(perSecond.least),
		number(perSecond.most),
		ratio(rows, row, 'helper'),
		ratio(rows, row, 'http-request'),
		median(({ cpuSeconds }) => cpuSeconds),
		median(({ peakMemory }) => peakMemory),
		median(({ mostConnections }) => mostConnections),
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
		line(HEADER),
		line(
			HEADER.map((name) => (name === 'authentication' || name === 'contender' ? '---' : '---:')),
		),
		...rows.map((row) => line(cells(rows, row))),
		'',
	].join('\n');
}

/**
 * Writes what was measured as JSON, as a table in Markdown and as a plot, and shows the table.
 *
 * @param results what was measured
 * @param folder where to
 */
export async function writeReport(results: Results, folder: string): Promise<void> {
	const markdown = toMarkdown(results);
	writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, '\t')}\n`);
	writeFileSync(join(folder, 'results.md'), markdown);
	writeFileSync(join(folder, 'results.svg'), await plot(results.rows));
	console.log(`\n${markdown}`);
}
