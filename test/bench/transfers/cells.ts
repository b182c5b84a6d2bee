import type { TransferRow } from '.';
import { formatNumber, MIB } from '../units';
import { describeLine, formatSize } from './cases';
import type { Figures } from './figures';
import { medianOf } from './figures';

export const TRANSFERS_HEADER = [
	'files',
	'size',
	'line',
	'parallel',
	'part size',
	'contender',
	'rounds',
	'operation',
	'seconds',
	'files/s',
	'MiB/s',
	'CPU (s)',
	'memory over idle (MiB)',
	'failures',
];

/** What one contender did in one case, one after the other, with line breaks where a table can have them. */
export function transferCells({ contender, case: situation, runs }: TransferRow): string[] {
	const { files, size, parallel, partSize } = situation;
	const done: Array<[string, Figures | undefined]> = [
		['Back Up', medianOf(runs.map(({ backUp }) => backUp))],
		['second night', medianOf(runs.map(({ secondNight }) => secondNight))],
		['Restore', medianOf(runs.map(({ restore }) => restore))],
	];
	const figures = done.filter((entry): entry is [string, Figures] => entry[1] !== undefined);
	const lines = (show: (figures: Figures) => number) =>
		figures.map(([, of]) => formatNumber(show(of))).join('<br>');
	return [
		files.toLocaleString('en-US'),
		formatSize(size),
		describeLine(situation),
		String(parallel),
		partSize === undefined ? '' : formatSize(partSize),
		contender,
		String(runs.length),
		figures.map(([name]) => name).join('<br>'),
		lines(({ seconds }) => seconds),
		lines(({ seconds }) => files / seconds),
		lines(({ seconds }) => (files * size) / MIB / seconds),
		lines(({ cpuSeconds }) => cpuSeconds),
		lines(memoryOverIdle),
		lines(({ failures }) => failures),
	];
}

/** Mebibytes. */
export function memoryOverIdle({ idleMemory, peakMemory }: Figures): number {
	return peakMemory - idleMemory;
}
